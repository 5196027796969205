import assert from 'node:assert/strict';
import test from 'node:test';
import { augmentOps, Spec } from '@ablate/contracts';
import { type Expansion, expand } from '@ablate/search';

const expanded = (spec: Record<string, unknown>): Expansion =>
  expand(Spec.parse({ version: 1, name: 'test', seeds: [1], ...spec }));

function points(spec: Record<string, unknown>) {
  const result = expanded(spec);
  assert.ok('points' in result, JSON.stringify(result));
  return result.points;
}

function complaints(spec: Record<string, unknown>) {
  const result = expanded(spec);
  assert.ok('complaints' in result, `${'points' in result && result.points.length} points`);
  return result.complaints;
}

const axesOf = (spec: Record<string, unknown>) => points(spec).map(({ axes }) => axes);

test('a Gaussian process refuses a cost', () => {
  for (const [search, pointer] of [
    [{ method: 'gp' }, '/search/method'],
    [{ method: 'find', sampler: 'gp' }, '/search/sampler'],
  ] as const)
    assert.deepEqual(
      complaints({ search: { ...search, samples: 5, cost: 'macs' }, space: { 'model.depth': [1, 2, 3] } }),
      [{ pointer, detail: 'gp models the metric alone: search its front against a cost with tpe or auto' }],
    );
});

test('a population refuses axes over data and length, rules that end a run, and a space in which nothing may change while a model trains', () => {
  const search = { method: 'pbt' };
  for (const axis of ['train.epochs', 'dataset.samples', 'train.stop.plateau'])
    assert.deepEqual(complaints({ search, space: { 'train.labelSmoothing': [0, 0.1], [axis]: [100, 200] } }), [
      {
        pointer: `/space/${axis}`,
        detail: `the members of a population have the same data and train equally long: "${axis}" cannot be an axis`,
      },
    ]);
  assert.deepEqual(
    complaints({ search, train: { stop: { target: 0.9 } }, space: { 'train.labelSmoothing': [0, 0.1] } }),
    [
      {
        pointer: '/train/stop',
        detail: 'the members of a population train equally long, so that one can go on from another: leave it out',
      },
    ],
  );
  assert.deepEqual(complaints({ search, space: { 'model.depth': [1, 2], 'train.optimizer.name': ['adamw', 'sgd'] } }), [
    {
      pointer: '/space',
      detail:
        'none of the axes can change while a model trains: add one, such as train.optimizer.learningRate, or use another method, such as find',
    },
  ]);
  assert.equal(points({ search, space: { 'model.depth': [1, 2], 'train.ema': [0.9, 0.99] } }).length, 4);
});

test('a spec without axes is one config', () => {
  const [only, ...rest] = points({});
  assert.deepEqual([only?.axes, rest], [{}, []]);
});

test('a grid is every combination; the first axis changes slowest', () => {
  const space = { 'model.patchSize': [4, 8], augment: ['none', 'basic'] };
  assert.deepEqual(axesOf({ space }), [
    { 'model.patchSize': 4, augment: 'none' },
    { 'model.patchSize': 4, augment: 'basic' },
    { 'model.patchSize': 8, augment: 'none' },
    { 'model.patchSize': 8, augment: 'basic' },
  ]);
  assert.deepEqual(
    points({ space }).map(({ config }) => [
      config.model.family === 'vit' && config.model.patchSize,
      augmentOps(config.augment).map(({ op }) => op),
    ]),
    [
      [4, []],
      [4, ['crop', 'flip']],
      [8, []],
      [8, ['crop', 'flip']],
    ],
  );
});

test('a list of subspaces is the union of their grids, each config once', () => {
  const space = [{ 'model.depth': [1, 2] }, { 'model.depth': [2, 3] }];
  assert.deepEqual(
    axesOf({ space }).map((axes) => axes['model.depth']),
    [1, 2, 3],
  );
});

test('a point of a union has a value on every axis, and the shared point is one that can be the baseline', () => {
  const spec = {
    model: { family: 'vit', depth: 2 },
    space: [
      { 'model.ordering': ['preNorm', 'postNorm'] },
      { 'model.patchSize': [4, 8] },
      { 'train.optimizer.learningRate': [0.001, 0.01] },
      { augment: ['none', 'flip'] },
    ],
    baseline: {
      'model.ordering': 'preNorm',
      'model.patchSize': 4,
      'train.optimizer.learningRate': 0.001,
      augment: 'none',
    },
  };
  const shared = {
    ...{ 'model.ordering': 'preNorm', 'model.patchSize': 4 },
    ...{ 'train.optimizer.learningRate': 0.001, augment: 'none' },
  };
  assert.deepEqual(axesOf(spec), [
    shared,
    { ...shared, 'model.ordering': 'postNorm' },
    { ...shared, 'model.patchSize': 8 },
    { ...shared, 'train.optimizer.learningRate': 0.01 },
    { ...shared, augment: 'flip' },
  ]);
  assert.deepEqual(Object.keys(axesOf(spec)[3] ?? {}), Object.keys(shared));
});

test('in a union the shared point has the values as its axes write them', () => {
  const space = [{ 'model.depth': [1, 6] }, { augment: ['basic', []] }];
  assert.deepEqual(axesOf({ space }), [
    { 'model.depth': 1, augment: 'none' },
    { 'model.depth': 6, augment: [] },
    { 'model.depth': 6, augment: 'basic' },
  ]);
});

test('a point of a union has no value on an axis that its model lacks', () => {
  const space = [
    { 'model.family': ['vit'], 'model.patchSize': [4, 8] },
    { 'model.family': ['resnet'], 'model.block': ['basic'] },
  ];
  assert.deepEqual(axesOf({ space }), [
    { 'model.family': 'vit', 'model.patchSize': 4 },
    { 'model.family': 'vit', 'model.patchSize': 8 },
    { 'model.family': 'resnet', 'model.block': 'basic' },
  ]);
});

test('a model of one subspace does not hide the field that another varies', () => {
  const space = [{ model: [{ preset: 'resnet20' }] }, { 'model.depth': [2, 4] }];
  assert.deepEqual(axesOf({ space }), [
    { model: { preset: 'resnet20' } },
    { model: { family: 'vit' }, 'model.depth': 2 },
    { model: { family: 'vit' }, 'model.depth': 4 },
  ]);
});

test('points that are equal after defaults are filled in become one config', () => {
  const space = { model: [{ family: 'vit' }, { family: 'vit', depth: 6 }, { family: 'vit', depth: 7 }] };
  assert.equal(points({ space }).length, 2);
});

test('one axis may set a whole part and another a field of it, in any order', () => {
  const space = { 'model.ordering': ['v1', 'v2'], model: [{ preset: 'resnet20' }] };
  assert.deepEqual(
    points({ space }).map(
      ({ config }) => config.model.family === 'resnet' && [config.model.ordering, config.model.depths],
    ),
    [
      ['v1', [3, 3, 3]],
      ['v2', [3, 3, 3]],
    ],
  );
});

test('an axis of the optimizer’s name brings each optimizer’s own defaults', () => {
  const space = { 'train.optimizer.name': ['adamw', 'sgd'] };
  assert.deepEqual(
    points({ train: { optimizer: { weightDecay: 0.5 } }, space }).map(({ config }) => config.train.optimizer),
    [
      { name: 'adamw', learningRate: 0.001, weightDecay: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      { name: 'sgd', learningRate: 0.1, weightDecay: 0.5, momentum: 0.9, nesterov: false },
    ],
  );
});

test('random search draws the requested number of samples in range, equal for equal seeds', () => {
  const spec = (seed: number) => ({
    search: { method: 'random', samples: 200, seed },
    space: {
      'train.optimizer.learningRate': { min: 1e-4, max: 1, scale: 'log' },
      'model.depth': { min: 2, max: 5, integer: true },
      augment: ['none', 'flip', 'basic'],
    },
  });
  const drawn = axesOf(spec(3));
  assert.equal(drawn.length, 200);
  assert.deepEqual(axesOf(spec(3)), drawn);
  assert.notDeepEqual(axesOf(spec(4)), drawn);
  for (const depth of [2, 3, 4, 5])
    assert.ok(
      drawn.some((axes) => axes['model.depth'] === depth),
      `depth ${depth}`,
    );
  assert.ok(drawn.every((axes) => [2, 3, 4, 5].includes(Number(axes['model.depth']))));
  const rates = drawn.map((axes) => Number(axes['train.optimizer.learningRate']));
  assert.ok(rates.every((rate) => rate >= 1e-4 && rate < 1));
  const low = rates.filter((rate) => rate < 1e-2).length;
  assert.ok(low > 70 && low < 130, `on a log scale half lie below the geometric mean, not ${low} of 200`);
});

test('a draw depends only on its seed, number and axis: adding an axis changes no other value', () => {
  const depth = { 'model.depth': { min: 1, max: 100, integer: true } };
  const search = { method: 'random', samples: 20 };
  const alone = axesOf({ search, space: depth }).map((axes) => axes['model.depth']);
  const both = axesOf({ search, space: { 'train.labelSmoothing': { min: 0, max: 0.5 }, ...depth } });
  assert.deepEqual(new Set(both.map((axes) => axes['model.depth']).slice(0, 5)), new Set(alone.slice(0, 5)));
});

test('a space with no more points than samples is searched completely', () => {
  const listed = axesOf({ search: { method: 'random', samples: 50 }, space: { 'model.depth': [3, 1, 2] } });
  assert.deepEqual(
    listed.map((axes) => axes['model.depth']),
    [3, 1, 2],
  );
  const ranged = { 'model.depth': { min: 1, max: 3, integer: true } };
  assert.equal(points({ search: { method: 'random', samples: 50 }, space: ranged }).length, 3);
});

/** Each row: an invalid spec, the pointer of the complaint, and a part of its text. */
const BROKEN: [string, Record<string, unknown>, string, RegExp][] = [
  ['an axis’ value', { space: { 'model.patchSize': [4, 5] } }, '/space/model.patchSize', /5 must divide image size 32/],
  [
    'a value in one of several subspaces',
    { space: [{ 'model.depth': [1] }, { 'model.patchSize': [5] }] },
    '/space/1/model.patchSize',
    /must divide/,
  ],
  ['a fixed value', { model: { family: 'vit', heads: 5 } }, '/model/heads', /must divide width/],
  [
    'a value inside a whole part',
    { space: { model: [{ family: 'vit', patchSize: 5 }] } },
    '/space/model',
    /must divide/,
  ],
  ['an unknown field as axis', { space: { 'model.colour': ['red'] } }, '/space/model.colour', /unknown key "colour"/],
  ['an inherited name as axis', { space: { 'model.constructor': [1] } }, '/space/model.constructor', /unknown key/],
  ['an axis into a scalar', { space: { 'augment.p': [1] } }, '/space/augment.p', /no fields/],
  ['a range in a grid', { space: { 'model.depth': { min: 1, max: 4 } } }, '/space/model.depth', /random or find/],
  [
    'an empty range of whole numbers',
    { search: { method: 'random', samples: 2 }, space: { 'model.depth': { min: 1.2, max: 1.8, integer: true } } },
    '/space/model.depth',
    /no whole number/,
  ],
  [
    'too many points',
    { space: { 'model.depth': Array.from({ length: 200 }, (_, i) => i), 'train.epochs': Array(60).fill(1) } },
    '/space',
    /12,000 points × 1 seed are 12,000 runs.*10,000/,
  ],
  [
    'too many draws',
    {
      space: { 'model.depth': [1, 2] },
      seeds: Array.from({ length: 20 }, (_, i) => i),
      search: { method: 'random', samples: 6000 },
    },
    '/search/samples',
    /120,000 runs/,
  ],
  [
    'a baseline with an unknown axis',
    { space: { 'model.depth': [1] }, baseline: { 'model.width': 192 } },
    '/baseline/model.width',
    /not an axis/,
  ],
  [
    'a baseline without a point',
    { space: [{ 'model.depth': [1] }, { augment: ['flip'] }], baseline: { 'model.depth': 1, augment: 'flip' } },
    '/baseline',
    /no point/,
  ],
];
for (const [name, spec, pointer, detail] of BROKEN)
  test(`complains about ${name}`, () => {
    const found = complaints(spec);
    const complaint = found.find((c) => c.pointer === pointer);
    assert.ok(complaint, JSON.stringify(found));
    assert.match(complaint.detail, detail);
  });

test('equal complaints about several points become one, with the first point', () => {
  const found = complaints({ space: { 'model.depth': [1, 2, 3], 'model.patchSize': [5] } });
  assert.equal(found.length, 1);
  assert.match(found[0]!.detail, /3 points, the first at model\.depth = 1, model\.patchSize = 5/);
});

test('a sweep of the maximum size expands', () => {
  const depths = Array.from({ length: 100 }, (_, i) => i + 1);
  const rates = depths.map((i) => i / 1000);
  assert.equal(points({ space: { 'model.depth': depths, 'train.optimizer.learningRate': rates } }).length, 10_000);
});
