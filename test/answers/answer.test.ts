import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { buildAnswer, namedConfig, sweepPoints, variesWords } from '@ablate/answers';
import { Answer, Spec, SweepPoints } from '@ablate/contracts';
import { REPOSITORY } from '@ablate/files';
import { countedRandom, randomKey } from '@ablate/random';
import { expand } from '@ablate/search';
import { build } from 'esbuild';
import fc from 'fast-check';
import { configId, type Situation, situation } from './situations.ts';

const answerTo = (given: Situation): Answer => Answer.parse(JSON.parse(JSON.stringify(buildAnswer(situation(given)))));

test('answers bundle for a browser: no Node module is imported', async () => {
  const { errors } = await build({
    entryPoints: [join(REPOSITORY, 'packages/answers/src/index.ts')],
    ...{ bundle: true, platform: 'browser', format: 'esm', write: false, logLevel: 'silent' },
  });
  assert.deepEqual(errors, []);
});

test('any table of values, with ties, gaps and extremes, has a valid answer for both metrics', () => {
  const value = fc.oneof(fc.constantFrom(null, 0, 1, 0.5, 0.0001), fc.double({ min: 0, max: 1, noNaN: true }));
  const grid = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }));
  const tables = grid.chain(([a, b, seeds]) =>
    fc.record({
      a: fc.constant(a),
      values: fc.array(fc.array(value, { minLength: seeds, maxLength: seeds }), { minLength: a * b, maxLength: a * b }),
      metric: fc.constantFrom('accuracy' as const, 'loss' as const),
      random: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(tables, ({ a, values, metric, random }) => {
      const answer = answerTo({
        metric,
        configs: values.map((of, i) => [{ 'model.patchSize': i % a, 'model.ordering': `o${Math.floor(i / a)}` }, of]),
        costs: values.map((_, i) => [i % 3, i % 2, i]),
        ...(random ? { spec: { search: { method: 'random', samples: 9 } } } : {}),
      });
      assert.equal(answer.rows.length, values.length);
      assert.ok(answer.headline.length > 0);
      for (const line of answer.headline) assert.doesNotMatch(line, /NaN|Infinity|undefined|null/);
    }),
    { numRuns: 400 },
  );
});

test('the shipped sample: no config but ResNet-20 differs from the baseline, the orderings cannot be told apart, patch size 4 is worse', () => {
  const spec = Spec.parse(JSON.parse(readFileSync(join(REPOSITORY, 'studies/first-run/sweep.json'), 'utf8')));
  const expansion = expand(spec);
  assert.ok('points' in expansion);
  // The test accuracies of README's table.
  const values = [
    [0.2447, 0.2433, 0.245],
    [0.2443, 0.2424, 0.227],
    [0.2578, 0.2586, 0.2467],
    [0.2586, 0.2585, 0.2467],
    [0.3909, 0.4063, 0.3601],
  ];
  const { baseline, seeds, search, space } = spec;
  const answer = answerTo({
    configs: expansion.points.map(({ axes }, i) => [axes, values[i] ?? []]),
    spec: { seeds, search, space, ...(baseline ? { baseline } : {}) },
  });
  assert.deepEqual(
    answer.rows.map(({ comparison }) => comparison?.verdict ?? 'baseline'),
    ['noise', 'noise', 'baseline', 'noise', 'better'],
  );
  const effects = answer.grids.flatMap((grid) =>
    grid.effects.map(({ name, levels }) => [name, ...levels.map(({ text, verdict }) => `${text} ${verdict}`)]),
  );
  assert.deepEqual(effects, [
    ['patchSize', '4 worse', '8 baseline'],
    ['ordering', 'preNorm baseline', 'parallel noise'],
  ]);
  // Its 2 × 2 grid by hand: per seed, patch size 4 minus 8 is -1.37, -1.57, -1.07 points.
  const difference = answer.grids[0]?.effects[0]?.levels[0]?.difference ?? Number.NaN;
  assert.ok(Math.abs(difference + (0.0137 + 0.0157 + 0.0107) / 3) < 1e-9);
});

test('at most 5 % of tables without any difference have a false claim on a config, an effect or an interaction', () => {
  const random = countedRandom(randomKey(15, 'answers'));
  const TABLES = 600;
  let found = 0;
  for (let table = 0; table < TABLES; table++) {
    const common = [random.normal(), random.normal(), random.normal()];
    const value = (seed: number) => Math.round(((common[seed] ?? 0) + random.normal()) / 0.03) * 0.03;
    const configs: Situation['configs'] = Array.from({ length: 6 }, (_, i) => [
      { 'model.patchSize': i % 2, 'model.depth': Math.floor(i / 2) },
      [0, 1, 2].map(value),
    ]);
    const { rows, grids } = buildAnswer(situation({ configs }));
    const claims = [
      ...rows.map(({ comparison }) => comparison?.verdict),
      ...grids.flatMap(({ effects }) => effects.flatMap(({ levels }) => levels.map(({ verdict }) => verdict))),
    ];
    if (claims.includes('better') || claims.includes('worse') || grids[0]?.interactions[0]?.beyondNoise) found++;
  }
  assert.ok(found / TABLES <= 0.05, `${(100 * found) / TABLES} %`);
});

test('a config that costs more and is worse is dominated, beyond noise only where the seeds say so', () => {
  const depth = (n: number) => ({ 'model.depth': n });
  const { pareto } = answerTo({
    configs: [
      [depth(1), [0.5, 0.51, 0.505]],
      [depth(2), [0.6, 0.612, 0.605]],
      [depth(3), [0.599, 0.613, 0.601]],
      [depth(4), [0.4, 0.41, 0.406]],
    ],
    costs: [
      [1, 1, 1],
      [2, 1, 2],
      [3, 1, 3],
      [4, 1, 4],
    ],
  });
  const macs = pareto.find(({ cost }) => cost === 'macs');
  assert.deepEqual(
    macs?.points.map(({ status, by }) => [status, by]),
    [
      ['front', null],
      ['front', null],
      ['dominated', configId(1)],
      ['dominated-beyond-noise', configId(1)],
    ],
  );
  assert.equal(
    pareto.some(({ cost }) => cost === 'parameters'),
    false,
    'one number for all is no cost to weigh',
  );
});

test('a grid with a missing combination is answered on its balanced part', () => {
  const at = (patch: number, depth: number) => ({ 'model.patchSize': patch, 'model.depth': depth });
  const { grids } = answerTo({
    configs: [
      [at(4, 1), [0.5, 0.51, 0.505]],
      [at(4, 2), [0.6, 0.612, 0.605]],
      [at(8, 1), [0.51, 0.513, 0.511]],
      [at(8, 2), [0.61, 0.61, 0.612]],
      [at(16, 1), [0.4, 0.41, 0.406]],
      [at(16, 2), [null, null, null]],
    ],
  });
  assert.deepEqual([grids[0]?.configs, grids[0]?.of, grids[0]?.seeds], [4, 6, [1, 2, 3]]);
  const depth = grids[0]?.effects.find(({ name }) => name === 'depth');
  assert.ok(Math.abs((depth?.levels[1]?.difference ?? 0) - (0.5 * (0.1055 + 0.0995) - 0)) < 0.01);
});

test('a config is named by id, start of id, position, or values', () => {
  const { configs } = situation({
    configs: [
      [{ 'model.patchSize': 8 }, [1]],
      [{ 'model.patchSize': 4, 'train.epochs': 2 }, [1]],
    ],
  });
  const named = (name: string) => namedConfig(configs, name)?.position;
  assert.deepEqual(
    ['0', '1', '2', configId(1), 'patchSize=4', 'model.patchSize=4,epochs=2', 'patchSize=4,epochs=3', 'epochs', ''].map(
      named,
    ),
    [0, 1, undefined, 1, 1, 1, undefined, undefined, undefined],
  );
  assert.equal(named(configId(0).slice(0, 23)), undefined, 'the start of two ids names neither');
});

test('configs as columns: numbers stay numbers, other values are indices of words, what is absent is null', () => {
  const points = SweepPoints.parse(
    sweepPoints(
      situation({
        configs: [
          [{ 'train.optimizer.learningRate': 0.001, 'model.ordering': 'preNorm', same: 1 }, [0.5, 0.7]],
          [{ 'train.optimizer.learningRate': 0.1, model: { preset: 'resnet20' }, same: 1 }, [null, null]],
          [{ 'train.optimizer.learningRate': 0.01, 'model.ordering': 'parallel', same: 1 }, [0.4, null]],
        ],
        costs: [
          [3, 2, 1],
          [4, 2, 1],
          [5, 2, 1],
        ],
      }),
    ),
  );
  assert.deepEqual(points.axes, [
    { path: 'train.optimizer.learningRate', name: 'learningRate', labels: null, values: [0.001, 0.1, 0.01] },
    { path: 'model.ordering', name: 'ordering', labels: ['preNorm', 'parallel'], values: [0, null, 1] },
    { path: 'model', name: 'model', labels: ['resnet20'], values: [null, 0, null] },
  ]);
  assert.deepEqual(
    [points.mean, points.n, points.macs],
    [
      [0.6, null, 0.4],
      [2, 0, 1],
      [3, 4, 5],
    ],
  );
});

test('what a sweep varies, in words', () => {
  const words = (written: Record<string, unknown>, configs: number) =>
    variesWords(Spec.parse({ version: 1, name: 'a', ...written }), { configs });
  const depth = { 'model.depth': [1, 2] };
  const rate = { 'train.optimizer.learningRate': { min: 1e-4, max: 1e-2, scale: 'log' } };
  assert.equal(
    words({ space: { 'model.ordering': ['preNorm', 'parallel'], 'model.patchSize': [4, 8] } }, 4),
    'ordering × patch size × 3 seeds',
  );
  assert.equal(
    words({ space: [depth, { model: [{ preset: 'resnet20' }] }], seeds: [1] }, 3),
    '(depth + model) × 1 seed',
  );
  assert.equal(
    words({ space: rate, search: { method: 'random', samples: 1200 } }, 1200),
    'learning rate (1,200 drawn) × 3 seeds',
  );
  assert.equal(words({}, 1), 'one config × 3 seeds');
  assert.equal(
    words(
      {
        space: {
          ...depth,
          'model.width': [{}, {}].map((_, i) => 24 * (i + 1)),
          'train.epochs': [1, 2],
          'train.batchSize': [8, 16],
          augment: ['none', 'flip'],
        },
      },
      32,
    ),
    'depth × width × epochs × 2 more × 3 seeds',
  );
});
