/** The directions of imports, as ARCHITECTURE.md describes them. `npm run check:imports` enforces them. */

/** Packages from the lowest layer to the highest. A package imports packages of lower layers only. */
const LAYERS = [
  ['contracts'],
  ['files', 'random', 'statistics', 'tables'],
  ['engine'],
  ['data', 'db', 'models', 'plots', 'search'],
  ['answers', 'checkpoints', 'sql'],
  ['studies'],
  ['client', 'supervisor', 'sweeps', 'training'],
  ['harness'],
];

/** @type {(names: string[]) => string} */
const packages = (names) => `^packages/(${names.join('|')})/`;

/** @type {(layer: string[], index: number) => import('dependency-cruiser').IForbiddenRuleType} */
const onlyDown = (layer, index) => ({
  name: `${layer.join('-')}-import-lower-layers`,
  severity: 'error',
  from: { path: packages(layer) },
  to: { path: '^packages/([^/]+)/', pathNot: [packages(LAYERS.slice(0, index).flat()), '^packages/$1/'] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'imports-exist', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...LAYERS.map(onlyDown),
    {
      name: 'every-package-has-a-layer',
      severity: 'error',
      from: { path: '^packages/', pathNot: packages(LAYERS.flat()) },
      to: {},
    },
    {
      name: 'packages-import-by-name',
      comment: 'A package is imported by its name, never by a path into its folder.',
      severity: 'error',
      from: { path: '^(packages|apps)/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    {
      name: 'apps-are-not-imported-by-packages',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-do-not-import-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'contracts-run-in-a-browser',
      severity: 'error',
      from: { path: '^packages/contracts/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'training-never-reaches-the-database',
      comment: 'The trainer holds no credentials: the worker alone writes to the database and the queue.',
      severity: 'error',
      from: { path: '^(apps/trainer|packages/training)/' },
      to: { path: '^packages/db/|^node_modules/(pg|@prisma|prisma|bullmq|ioredis)/', reachable: true },
    },
    {
      name: 'servers-never-reach-tensorflow',
      comment:
        'Loading TensorFlow takes seconds and gigabytes. chatter.ts only filters its console output, env.ts only parses variables.',
      severity: 'error',
      from: { path: '^apps/(api|worker)/' },
      to: {
        path: '^packages/engine/|^node_modules/@tensorflow/',
        pathNot: '^packages/engine/src/(tensorflow/chatter|env)\\.ts$',
        reachable: true,
      },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'harness-is-for-tests-and-benches',
      severity: 'error',
      from: { pathNot: '^(test|bench|packages/harness)/' },
      to: { path: '^packages/harness/' },
    },
    {
      name: 'benches-are-not-imported',
      severity: 'error',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
  ],
  options: {
    parser: 'swc', // reads TypeScript without the compiler's API, which TypeScript 7 does not have
    doNotFollow: { path: '^node_modules/' },
    // The parser does not read JSX: biome.json has the rules for the pages.
    exclude: { path: '/generated/|^apps/web/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.cjs', '.js', '.json'],
    },
  },
};
