import assert from 'node:assert/strict';
import test from 'node:test';
import { Spec, zodComplaints } from '@ablate/contracts';
import { type Expansion, expand, readSpec } from '@ablate/search';

const expanded = (spec: Record<string, unknown>): Expansion =>
  expand(Spec.parse({ version: 1, name: 'test', seeds: [1], ...spec }));

function axesOf(spec: Record<string, unknown>) {
  const result = expanded(spec);
  assert.ok('points' in result, JSON.stringify(result));
  return result.points.map(({ axes }) => axes);
}

test('specs without new fields keep their hash, and their points keep theirs', () => {
  const known = [
    {
      spec: {
        ...{ version: 1, name: 'grid', baseline: { 'model.patchSize': 4 } },
        space: [
          { 'model.patchSize': [4, 8], augment: ['none', 'basic'] },
          { 'train.optimizer.name': ['adamw', 'sgd'] },
        ],
      },
      hash: 'eeb2722a70e3e27a527e4c9708fd6fdf76ea7763c6efc71efccd53721b9b1255',
      meaning: '94e2bdfc2a064dbf19fee1a86975612ff707e5af5d2b2cb63f168700776dacf0',
    },
    {
      spec: {
        ...{ version: 1, name: 'random', search: { method: 'random', samples: 40, seed: 7 } },
        space: {
          'train.optimizer.learningRate': { min: 1e-4, max: 1, scale: 'log' },
          'model.depth': { min: 1.5, max: 9.5, integer: true },
          'train.batchSize': { min: 10.5, max: 500, scale: 'log', integer: true },
          'train.labelSmoothing': { min: 0, max: 0.5 },
          augment: ['none', 'flip', 'basic'],
        },
      },
      hash: 'c249de8ff65d82b6a011d4d6e964b00ed33c8d83b5f4a7f6ff56a33e49a8474f',
      meaning: 'd633464e6ac244493b68cc2c3cf7fcff72359ec6f8b7c68f608f5766867d12c9',
    },
  ];
  for (const { spec, hash, meaning } of known) {
    const read = readSpec(JSON.stringify(spec));
    assert.ok('spec' in read, JSON.stringify(read));
    assert.deepEqual([read.hash, read.meaning], [hash, meaning], spec.name);
  }
});

test('a grid takes every value of a range with a step, and every order of a permutation', () => {
  assert.deepEqual(axesOf({ space: { 'train.labelSmoothing': { min: 0.1, max: 0.4, step: 0.1 } } }), [
    { 'train.labelSmoothing': 0.1 },
    { 'train.labelSmoothing': 0.2 },
    { 'train.labelSmoothing': 0.3 },
    { 'train.labelSmoothing': 0.4 },
  ]);
  const orders = axesOf({ space: { augment: { permutation: [{ op: 'crop' }, { op: 'flip' }, { op: 'erase' }] } } }).map(
    ({ augment }) => augment,
  );
  assert.equal(new Set(orders.map((order) => JSON.stringify(order))).size, 6);
  assert.deepEqual(
    [orders[0], orders[5]],
    [
      [{ op: 'crop' }, { op: 'flip' }, { op: 'erase' }],
      [{ op: 'erase' }, { op: 'flip' }, { op: 'crop' }],
    ],
  );
});

test('a random search draws multiples of the step and orders only', () => {
  const drawn = axesOf({
    search: { method: 'random', samples: 60 },
    space: {
      'train.labelSmoothing': { min: 0, max: 0.3, step: 0.1 },
      'model.depth': { min: 2, max: 9, integer: true, step: 3 },
      augment: { permutation: [{ op: 'crop' }, { op: 'flip' }, { op: 'erase' }] },
    },
  });
  const seen = (path: string) => new Set(drawn.map((axes) => JSON.stringify(axes[path])));
  assert.deepEqual([...seen('train.labelSmoothing')].sort(), ['0', '0.1', '0.2', '0.3']);
  assert.deepEqual([...seen('model.depth')].sort(), ['2', '5', '8']);
  assert.equal(seen('augment').size, 6);
});

test('an axis whose condition is false has no value, and multiplies no points', () => {
  const space = {
    'train.optimizer.momentum': { values: [0.8, 0.9], when: 'train.optimizer.name == "sgd"' },
    'train.optimizer.nesterov': { values: [true, false], when: 'train.optimizer.momentum > 0.85' },
    'train.optimizer.name': ['adamw', 'sgd'],
  };
  assert.deepEqual(axesOf({ space }), [
    { 'train.optimizer.name': 'adamw' },
    { 'train.optimizer.momentum': 0.8, 'train.optimizer.name': 'sgd' },
    { 'train.optimizer.momentum': 0.9, 'train.optimizer.nesterov': true, 'train.optimizer.name': 'sgd' },
    { 'train.optimizer.momentum': 0.9, 'train.optimizer.nesterov': false, 'train.optimizer.name': 'sgd' },
  ]);
  const drawn = axesOf({ space, search: { method: 'random', samples: 100 } });
  assert.equal(drawn.length, 4);
});

test('a condition reads what the spec writes, and || does not need an axis without a value', () => {
  const space = {
    'model.depth': [1, 2],
    'model.heads': { values: [1, 3], when: 'model.depth == 2' },
    augment: { values: ['none', 'flip'], when: 'model.width > 100 && (model.heads == 3 || model.depth == 1)' },
  };
  assert.deepEqual(
    axesOf({ model: { width: 192 }, space }).map((axes) => Object.values(axes)),
    [
      [1, 'none'],
      [1, 'flip'],
      [2, 1],
      [2, 3, 'none'],
      [2, 3, 'flip'],
    ],
  );
});

test('a link follows other axes and is a value of the point', () => {
  const space = {
    'model.width': { '=': '64 * model.heads' },
    'model.mlpRatio': { '=': 'model.width > 100 ? 2 : 4' },
    'model.heads': [1, 2],
  };
  assert.deepEqual(axesOf({ space }), [
    { 'model.width': 64, 'model.mlpRatio': 4, 'model.heads': 1 },
    { 'model.width': 128, 'model.mlpRatio': 2, 'model.heads': 2 },
  ]);
});

test('a constraint leaves out points, also those that break a rule of configs', () => {
  const space = { 'model.width': [64, 96, 128], 'model.heads': [2, 3] };
  assert.ok('complaints' in expanded({ space }), '64 / 3 breaks a rule');
  assert.deepEqual(
    axesOf({ space, constraints: ['model.width % model.heads == 0', 'model.width / model.heads > 32'] }).map((axes) =>
      Object.values(axes),
    ),
    [
      [96, 2],
      [128, 2],
    ],
  );
});

test('a constraint that names a field of one family says nothing about the other', () => {
  const space = { model: [{ family: 'vit', depth: 2 }, { family: 'vit', depth: 9 }, { preset: 'resnet20' }] };
  assert.equal(axesOf({ space, constraints: ['model.depth < 5'] }).length, 2);
});

test('numbers of an expression are doubles, but whole numbers divide as whole numbers', () => {
  const points = (constraint: string): number => {
    const result = expanded({ model: { width: 192, heads: 3, mlpRatio: 2.5 }, constraints: [constraint] });
    return 'points' in result ? result.points.length : 0;
  };
  for (const [constraint, expected] of [
    ['model.width * model.mlpRatio == 480', 1],
    ['model.width / 5 == 38.4', 1],
    ['model.width % 5 == 2', 1],
    ['int(model.width) / 5 == 38', 1],
    ['model.width in [192, 384] && model.family.startsWith("v")', 1],
    ['train.ema == null && !has(model.depths)', 1],
    ['size(augment) == 0', 1],
    ['-model.width > 0', 0],
  ] as const)
    assert.equal(points(constraint), expected, constraint);
});

/** Each row: an invalid spec, the pointer of the complaint, and a part of its text. */
const BROKEN: [string, Record<string, unknown>, string, RegExp][] = [
  [
    'a circle of conditions',
    {
      space: {
        'model.depth': { values: [1], when: 'model.heads == 1' },
        'model.heads': { values: [1], when: 'model.depth == 1' },
      },
    },
    '/space/model.depth/when',
    /"model.depth" needs "model.heads" needs "model.depth": remove one/,
  ],
  ['a link to itself', { space: { 'model.width': { '=': 'model.width + 1' } } }, '/space/model.width/=', /remove one/],
  [
    'an unknown path in a condition',
    { space: { 'model.depth': { values: [1], when: 'model.widht > 1' } } },
    '/space/model.depth/when',
    /"model.widht" is neither an axis of this space nor written/,
  ],
  [
    'a condition that is never true',
    { space: { 'model.heads': [1, 2], 'model.depth': { values: [1], when: 'model.heads > 2' } } },
    '/space/model.depth/when',
    /no point fulfils/,
  ],
  [
    'a condition that is no condition',
    { space: { 'model.heads': [1], 'model.depth': { values: [1], when: 'model.heads' } } },
    '/space/model.depth/when',
    /must be true or false, but is 1/,
  ],
  [
    'a condition in one of several subspaces',
    { space: [{ augment: ['none'] }, { 'model.depth': { values: [1], when: 'augment ==' } }] },
    '/space/1/model.depth/when',
    /augment ==/,
  ],
  ['text without quotes', { constraints: ['model.family == vit'] }, '/constraints/0', /"vit" is unknown.*quotes/],
  ['types that do not compare', { constraints: ['model.width > "a"'] }, '/constraints/0', /no such overload/],
  ['an unknown field in a constraint', { constraints: ['model.widht > 1'] }, '/constraints/0', /fits no config/],
  [
    'constraints that leave nothing',
    { space: { 'model.heads': [1, 2, 3] }, constraints: ['model.heads < 3', 'model.heads > 8'] },
    '/constraints/1',
    /leave no point: this one rejects 3 of 3 points/,
  ],
  [
    'nothing to choose from',
    { search: { method: 'find', samples: 4 } },
    '/space',
    /no axis from which find could choose/,
  ],
  [
    'links alone',
    { space: { 'model.width': { '=': '32' } }, search: { method: 'tpe', samples: 4 } },
    '/space',
    /no axis/,
  ],
  ['a loop', { constraints: ['[1, 2].all(x, [1, 2].all(y, x < y))'] }, '/constraints/0', /no function "all"/],
  ['a pattern', { constraints: ['model.family.matches("(v+)+x")'] }, '/constraints/0', /no function "matches"/],
  ['a nested text', { constraints: [`${'('.repeat(60)}true${')'.repeat(60)}`] }, '/constraints/0', /maxDepth/],
  [
    'a large permutation in a grid',
    { space: { augment: { permutation: [1, 2, 3, 4, 5, 6, 7, 8] } } },
    '/space',
    /40,320 points/,
  ],
  [
    'too many branches',
    {
      space: {
        'model.heads': [1],
        ...Object.fromEntries(
          ['model.depth', 'train.epochs', 'train.batchSize', 'dataset.samples', 'dataset.splitSeed', 'model.width'].map(
            (path) => [path, { values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], when: 'model.heads == 1' }],
          ),
        ),
      },
    },
    '/space',
    /more than 10,000 points/,
  ],
];
for (const [name, spec, pointer, detail] of BROKEN)
  test(`complains about ${name}`, () => {
    const result = expanded(spec);
    assert.ok('complaints' in result, `${'points' in result && result.points.length} points`);
    assert.equal(result.complaints.length, 1, JSON.stringify(result.complaints));
    assert.equal(result.complaints[0]?.pointer, pointer);
    assert.match(result.complaints[0]?.detail ?? '', detail);
  });

/** Each row: an axis that its schema refuses, where, and a part of the text. */
const MALFORMED: [unknown, string, RegExp][] = [
  [{ min: 1, max: 2, scale: 'log', step: 0.1 }, 'step', /linear scale/],
  [{ min: 1, max: 2, step: 3 }, 'step', /at most max - min/],
  [{ min: 1, max: 5, integer: true, step: 0.5 }, 'step', /whole number/],
  [{ min: 3, max: 2 }, 'max', /greater than min/],
  [{ permutation: ['a'] }, 'permutation', /at least two/],
  [{ permutation: ['a', 'a'] }, 'permutation', /twice/],
  [{ values: [] }, 'values', /at least one value/],
  [{ values: [1], when: { 'model.depth': 2 } }, 'when', /expected string/],
];
for (const [axis, field, detail] of MALFORMED)
  test(`refuses ${JSON.stringify(axis)}`, () => {
    const parsed = Spec.safeParse({ version: 1, name: 'test', space: { 'model.width': axis } });
    assert.ok(parsed.error);
    const [complaint] = zodComplaints(parsed.error);
    assert.deepEqual(complaint?.path, ['space', 'model.width', field], JSON.stringify(zodComplaints(parsed.error)));
    assert.match(complaint?.message ?? '', detail);
  });
