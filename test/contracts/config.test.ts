import assert from 'node:assert/strict';
import test from 'node:test';
import { Config, canonicalHash, configComplaints, PRESETS, resolveConfig, resolveModel, Spec } from '@ablate/contracts';

const written = (over: Record<string, unknown> = {}) => ({
  dataset: { name: 'cifar10' },
  model: { family: 'vit' },
  train: {},
  augment: 'none',
  ...over,
});

const resolved = (over: Record<string, unknown> = {}): Config => {
  const result = resolveConfig(written(over));
  assert.ok('config' in result, JSON.stringify(result));
  return result.config;
};

test('a preset and its fields are the same config', () => {
  const short = resolved({ model: { preset: 'vit_tiny_16', imageSize: 32, classes: 10, patchSize: 8 } });
  const long = resolved({
    model: { family: 'vit', imageSize: 32, classes: 10, patchSize: 8, width: 192, depth: 12, heads: 3 },
  });
  assert.equal(canonicalHash(short), canonicalHash(long));
});

test('every preset resolves to a valid model', () => {
  for (const preset of Object.keys(PRESETS)) {
    const result = resolveModel({ preset });
    assert.ok('model' in result, `${preset}: ${JSON.stringify(result)}`);
  }
});

test('the data set sets image size and classes unless the spec does', () => {
  assert.deepEqual(
    [
      resolved({ model: { preset: 'resnet18' } }).model.imageSize,
      resolved({ model: { preset: 'resnet18', imageSize: 64 } }).model.imageSize,
    ],
    [32, 64],
  );
});

test('a filled config parses to itself', () => {
  const config = resolved();
  assert.deepEqual(Config.parse(config), config);
});

test('complaints point to unknown keys', () => {
  const result = resolveConfig(
    written({ model: { family: 'vit', patchsize: 4 }, train: { optimizer: { name: 'adamw', lr: 1 } } }),
  );
  assert.ok('complaints' in result);
  assert.deepEqual(
    result.complaints.map((c) => c.path.join('.')),
    ['model.patchsize', 'train.optimizer.lr'],
  );
});

test('the hash ignores the order of keys and depends on every value', () => {
  assert.equal(canonicalHash({ a: 1, b: [1, { c: 2, d: 3 }] }), canonicalHash({ b: [1, { d: 3, c: 2 }], a: 1 }));
  assert.notEqual(canonicalHash({ a: 1 }), canonicalHash({ a: '1' }));
  assert.throws(() => canonicalHash({ a: Number.NaN }), /canonical/);
});

/** Each row breaks one rule: the change, the path of the complaint, and a part of its message. */
const BROKEN: [string, Record<string, unknown>, string, RegExp][] = [
  ['patch size', { model: { family: 'vit', patchSize: 5 } }, 'model.patchSize', /must divide image size 32/],
  ['heads', { model: { family: 'vit', heads: 5 } }, 'model.heads', /must divide width 192/],
  [
    'differential heads',
    { model: { family: 'vit', width: 66, heads: 6, attention: 'differential' } },
    'model.heads',
    /2 × heads/,
  ],
  [
    'sinusoidal width',
    { model: { family: 'vit', width: 66, heads: 3, positional: 'sinusoidal2d' } },
    'model.positional',
    /divisible by 4/,
  ],
  ['mlp width', { model: { family: 'vit', width: 33, heads: 3, mlpRatio: 1.5 } }, 'model.mlpRatio', /whole number/],
  ['token count', { model: { family: 'vit', imageSize: 512, patchSize: 1 } }, 'model.patchSize', /tokens/],
  ['stages', { model: { family: 'resnet', depths: [2, 2], widths: [16] } }, 'model.widths', /equal length/],
  [
    'bottleneck ordering',
    { model: { family: 'resnet', block: 'bottleneck', ordering: 'v2' } },
    'model.ordering',
    /bottleneck/,
  ],
  ['network stride', { model: { preset: 'resnet18', imageSize: 16 } }, 'model.imageSize', /stride/],
  [
    'branch patch',
    { model: { preset: 'crossvit_tiny', small: { imageSize: 32, patchSize: 5, width: 96, depth: 1, heads: 3 } } },
    'model.small.patchSize',
    /small branch/,
  ],
  [
    'convolution stem',
    {
      model: {
        family: 'crossvit',
        stem: 'convolution',
        small: { imageSize: 240, patchSize: 12, width: 96, depth: 1, heads: 3 },
        large: { imageSize: 224, patchSize: 8, width: 192, depth: 1, heads: 3 },
      },
    },
    'model.large.patchSize',
    /patch sizes 12 and 16/,
  ],
  ['shrinking pad', { model: { preset: 'resnet20', widths: [16, 8, 32] } }, 'model.shortcut', /decrease/],
  ['clip image', { model: { preset: 'clip_rn50', imageSize: 100 } }, 'model.imageSize', /multiple/],
  ['clip heads', { model: { preset: 'clip_rn50', text: { width: 512, heads: 7 } } }, 'model.text.heads', /must divide/],
  ['clip in a sweep', { model: { preset: 'clip_rn50' } }, 'model.family', /zero-shot/],
  ['too many samples', { dataset: { name: 'cifar10', samples: 60_000 } }, 'dataset.samples', /50000/],
  ['batch size', { dataset: { name: 'cifar10', samples: 100 } }, 'train.batchSize', /90 images/],
  ['image size', { model: { family: 'vit', imageSize: 64 } }, 'model.imageSize', /32 pixels/],
  ['classes', { model: { family: 'vit', classes: 100 } }, 'model.classes', /10 classes/],
  [
    'warm-up',
    { train: { epochs: 2, schedule: { warmupEpochs: 2 } } },
    'train.schedule.warmupEpochs',
    /must be less than epochs/,
  ],
  [
    'nesterov',
    { train: { optimizer: { name: 'sgd', nesterov: true, momentum: 0 } } },
    'train.optimizer.nesterov',
    /momentum/,
  ],
  ['crop padding', { augment: [{ op: 'crop', padding: 40 }] }, 'augment', /crop padding/],
];
for (const [name, over, path, message] of BROKEN)
  test(`rule: ${name}`, () => {
    const found = configComplaints(resolved(over));
    const complaint = found.find((c) => c.path.join('.') === path);
    assert.ok(complaint, JSON.stringify(found));
    assert.match(complaint.message, message);
  });

test('a valid config breaks no rule', () => assert.deepEqual(configComplaints(resolved()), []));

test('a spec rejects unknown keys, unknown versions and duplicate seeds', () => {
  for (const [spec, path] of [
    [{ version: 1, name: 'x', sede: [1] }, []],
    [{ version: 2, name: 'x' }, ['version']],
    [{ version: 1, name: 'x', seeds: [1, 1] }, ['seeds']],
    [{ version: 1, name: 'x', space: { 'model.width': [] } }, ['space']],
    [{ version: 1, name: ' ' }, ['name']],
  ] as const) {
    const result = Spec.safeParse(spec);
    assert.equal(result.success, false);
    assert.deepEqual(result.error?.issues[0]?.path.slice(0, 1), path);
  }
});
