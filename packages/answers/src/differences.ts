/** What differs between configs, and between what their runs ran on: compared exactly. */
import { type ConfigComparison, canonicalJson, isRecord } from '@ablate/contracts';

type Difference = ConfigComparison['differences'][number];

/** What is known of one config: its parameters, and the distinct facts of its attempts. */
export type Described = {
  config: unknown;
  datasetHashes: readonly string[];
  environments: readonly Readonly<Record<string, unknown>>[];
};

/** Fields of an environment that say which code ran. */
const CODE = new Set(['code', 'lockfile']);

/** The leaves of a JSON value by path. Lists are leaves: their order and length are their meaning. */
function leaves(value: unknown, path: string, into: Map<string, unknown>): Map<string, unknown> {
  if (isRecord(value) && Object.keys(value).length > 0)
    for (const [key, inner] of Object.entries(value)) leaves(inner, path === '' ? key : `${path}.${key}`, into);
  else into.set(path, value);
  return into;
}

/** Distinct values, by their canonical JSON. */
const distinct = (values: readonly unknown[]): unknown[] => [
  ...new Map(values.map((value) => [canonicalJson(value), value])).values(),
];

/** The rows of one part in which the configs differ. An absent value differs from every value, null included. */
function differing(
  part: (path: string) => Difference['part'],
  sides: readonly ReadonlyMap<string, unknown[]>[],
): Difference[] {
  const paths = [...new Set(sides.flatMap((side) => [...side.keys()]))].sort();
  return paths.flatMap((path) => {
    const values = sides.map((side) => distinct(side.get(path) ?? []));
    const keys = new Set(values.map((of) => JSON.stringify(of.map(canonicalJson).sort())));
    return keys.size > 1 ? [{ part: part(path), path, values }] : [];
  });
}

/** Every difference in config, data, code and environment. */
export function differencesOf(configs: readonly Described[]): Difference[] {
  const parameters = configs.map(
    ({ config }) => new Map([...leaves(config, '', new Map())].map(([path, value]) => [path, [value]])),
  );
  const facts = configs.map(({ environments }) => {
    const found = new Map<string, unknown[]>();
    for (const environment of environments)
      for (const [key, value] of leaves(environment, '', new Map())) found.set(key, [...(found.get(key) ?? []), value]);
    return found;
  });
  // A config without a run that has started says nothing about data, code and environment.
  const started = configs.flatMap(({ environments }, i) => (environments.length > 0 ? [i] : []));
  const among = (found: Difference[]): Difference[] =>
    found.filter(
      ({ values }) => new Set(started.map((i) => JSON.stringify((values[i] ?? []).map(canonicalJson).sort()))).size > 1,
    );
  return [
    ...differing(() => 'config', parameters),
    ...among(
      differing(
        () => 'data',
        configs.map(({ datasetHashes }) => new Map([['sha256', [...datasetHashes]]])),
      ),
    ),
    ...among(differing((path) => (CODE.has(path) ? 'code' : 'environment'), facts)),
  ];
}

/** How long a run trains, and on how much. */
const BUDGET = /^train\.epochs$|^dataset\.(samples|imagesPerClass)$/;

/** What makes the figures hard to compare, as sentences. */
export function comparisonWarnings(differences: readonly Difference[]): string[] {
  const paths = (wanted: (one: Difference) => boolean) => differences.filter(wanted).map(({ path }) => path);
  const budget = paths(({ part, path }) => part === 'config' && BUDGET.test(path));
  const data = paths(({ part, path }) => part === 'config' && path.startsWith('dataset.') && !BUDGET.test(path));
  const packed = differences.some(({ part }) => part === 'data');
  const code = paths(({ part }) => part === 'code');
  return [
    ...(data.length > 0 || packed ? [`the data differ: ${[...data, ...(packed ? ['contents'] : [])].join(', ')}`] : []),
    ...(budget.length > 0 ? [`the training budget differs: ${budget.join(', ')}`] : []),
    ...(code.length > 0 ? [`the code differs: ${code.join(', ')}`] : []),
  ];
}
