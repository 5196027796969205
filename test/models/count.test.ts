import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import {
  AttentionKind,
  CrossvitModel,
  configComplaints,
  type Model,
  Pool,
  Positional,
  ResnetOrdering,
  resolveConfig,
  resolveModel,
  VitOrdering,
} from '@ablate/contracts';
import { describeParameters } from '@ablate/models';
import { checkpointComplaints } from '@ablate/models/checkpoint-size';
import {
  backboneCost,
  type Cost,
  clipTextLayers,
  clipVisualLayers,
  layerCost,
  modelCost,
  modelLayers,
  totalCost,
} from '@ablate/models/count';
import fc from 'fast-check';

function model(raw: Record<string, unknown>): Model {
  const resolved = resolveModel(raw);
  assert.ok('model' in resolved, JSON.stringify(resolved));
  return resolved.model;
}

const preset = (name: string, more = {}): Model => model({ preset: name, ...more });
const cifarVit = (more: Record<string, unknown>): Model =>
  model({ family: 'vit', imageSize: 32, classes: 10, depth: 12, ...more });
const cifarResnet18 = { preset: 'resnet18', imageSize: 32, classes: 10, stem: 'cifar' };

/** Counted on the reference implementations (torchvision, timm, DINO, CrossViT, kuangliu) with fvcore 0.1.5. */
const rows: [string, Cost, number, number][] = [
  ['ResNet-18', modelCost(preset('resnet18')), 11_689_512, 1814.07],
  ['ResNet-18, 10 classes, 32 px', modelCost(preset('resnet18', { imageSize: 32, classes: 10 })), 11_181_642, 37.02],
  ['CIFAR ResNet-18', modelCost(model(cifarResnet18)), 11_173_962, 555.42],
  ['PreActResNet-18', modelCost(model({ ...cifarResnet18, ordering: 'preActivation' })), 11_171_146, 555.42],
  ['ResNet-20', modelCost(preset('resnet20')), 269_722, 40.55],
  ['ResNet-50', modelCost(preset('resnet50')), 25_557_032, 4089.18],
  ['ViT-Ti/16', modelCost(preset('vit_tiny_16')), 5_717_416, 1253.68],
  ['ViT-S/16', modelCost(preset('vit_small_16')), 22_050_664, 4598.88],
  ['ViT-S/32', modelCost(preset('vit_small_16', { patchSize: 32 })), 22_878_952, 1142.9],
  ['ViT-B/16', modelCost(preset('vit_base_16')), 86_567_656, 17563.8],
  ['ViT-B/32', modelCost(preset('vit_base_16', { patchSize: 32 })), 88_224_232, 4409.2],
  ['DINO ViT-S/16', backboneCost(preset('dino_vits16')), 21_665_664, 4598.5],
  ['DINO ViT-S/8', backboneCost(preset('dino_vits8')), 21_670_272, 22405.4],
  ['DINO ViT-B/16', backboneCost(preset('vit_base_16')), 85_798_656, 17563],
  ['DINO ViT-B/8', backboneCost(preset('vit_base_16', { patchSize: 8 })), 85_807_872, 78148],
  ['CrossViT-Ti', modelCost(preset('crossvit_tiny')), 7_014_800, 1563],
  ['CrossViT-S', modelCost(preset('crossvit_small')), 26_856_272, 5616],
  ['CrossViT-B', modelCost(preset('crossvit_base')), 105_025_232, 21191],
  ['CrossViT-9', modelCost(preset('crossvit_9')), 8_553_296, 1841],
  ['CrossViT-15', modelCost(preset('crossvit_15')), 27_528_464, 5791],
  ['CrossViT-18', modelCost(preset('crossvit_18')), 43_271_408, 9031],
  ['CrossViT-9 dagger', modelCost(preset('crossvit_9_dagger')), 8_776_592, 1979],
  ['CrossViT-15 dagger', modelCost(preset('crossvit_15_dagger')), 28_209_008, 6112],
  ['CrossViT-18 dagger', modelCost(preset('crossvit_18_dagger')), 44_266_976, 9473],
  ['ViT p4 d192', modelCost(cifarVit({})), 5_362_762, 365.1],
  ['ViT p2', modelCost(cifarVit({ patchSize: 2 })), 5_392_714, 1669],
  ['ViT p8', modelCost(cifarVit({ patchSize: 8 })), 5_381_194, 92.2],
  ['ViT p4 L6', modelCost(cifarVit({ depth: 6 })), 2_693_578, 182.8],
  ['ViT p4 d384 L7 h6', modelCost(cifarVit({ width: 384, depth: 7, heads: 6 })), 12_470_026, 829],
  ['ViT p4 d256 L6 mlp2', modelCost(cifarVit({ width: 256, depth: 6, heads: 4, mlpRatio: 2 })), 3_195_146, 218.2],
  ['ViT p4 d192 L9 h12 mlp2', modelCost(cifarVit({ depth: 9, heads: 12, mlpRatio: 2 })), 2_697_610, 187.7],
  ['ViT d128 L16 p32', modelCost(cifarVit({ width: 128, depth: 16, heads: 4, patchSize: 32 })), 3_567_626, 6.7],
  ['ViT d128 L16 p16', modelCost(cifarVit({ width: 128, depth: 16, heads: 4, patchSize: 16 })), 3_273_098, 16.2],
  ['ViT d128 L16 p8', modelCost(cifarVit({ width: 128, depth: 16, heads: 4, patchSize: 8 })), 3_200_906, 55.1],
  ['ViT d128 L16 p4', modelCost(cifarVit({ width: 128, depth: 16, heads: 4 })), 3_188_618, 222],
  ['ViT-CIFAR', modelCost(cifarVit({ width: 384, depth: 7, heads: 12, mlpRatio: 1 })), 6_268_810, 426.5],
  [
    'ViT p4 d512 L6 h8 mlp1, no qkv bias',
    modelCost(cifarVit({ width: 512, depth: 6, heads: 8, mlpRatio: 1, qkvBias: false })),
    9_523_722,
    641,
  ],
];

const clip = model({ preset: 'clip_rn50' });
assert.equal(clip.family, 'clip');
if (clip.family === 'clip')
  rows.push(
    ['CLIP RN50 image', totalCost(clipVisualLayers(clip)), 38_316_896, 5793],
    ['CLIP RN50 text', totalCost(clipTextLayers(clip)), 63_690_240, 2944],
    ['CLIP RN50', modelCost(clip), 102_007_137, 5793 + 2944],
  );

/** Half a unit in the last digit that the reference prints, or 0.1 %, whichever is more. */
const near = (actual: number, expected: number): boolean => {
  const digits = String(expected).split('.')[1]?.length ?? 0;
  return Math.abs(actual - expected) <= Math.max(0.001 * expected, 0.5 * 10 ** -digits);
};

for (const [name, cost, parameters, megaMacs] of rows)
  test(`${name}: ${parameters} parameters, ${megaMacs} MMAC`, () => {
    assert.equal(cost.parameters, parameters);
    assert.ok(near(cost.macs / 1e6, megaMacs), `${cost.macs / 1e6} MMAC`);
  });

test('fvcore also counts norms and the adaptive pool', () => {
  assert.ok(near(modelCost(preset('resnet18')).fvcore / 1e6, 1819.07));
});

test('differential attention adds six half-heads of parameters a layer and no MACs', () => {
  const plain = modelCost(cifarVit({}));
  const differential = modelCost(cifarVit({ attention: 'differential' }));
  assert.equal(differential.parameters - plain.parameters, 2304);
  assert.equal(differential.macs, plain.macs);
});

test('layers sum to the total, and names are unique', () => {
  for (const name of ['resnet20', 'vit_tiny_16', 'crossvit_tiny', 'clip_rn50']) {
    const layers = modelLayers(preset(name));
    assert.equal(new Set(layers.map((layer) => layer.name)).size, layers.length, name);
    const sum = layers.map(layerCost).reduce((total, { parameters }) => total + parameters, 0);
    assert.equal(sum, modelCost(preset(name)).parameters);
  }
});

test('counting loads no TensorFlow', () => {
  const loaded = (specifier: string): number => {
    const script = `import { createRequire } from 'node:module';
      await import('${specifier}');
      console.log(Object.keys(createRequire('${import.meta.url}').cache).filter((f) => f.includes('@tensorflow')).length)`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    return Number(execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] }));
  };
  assert.equal(loaded('@ablate/models/count'), 0);
  assert.notEqual(loaded('@tensorflow/tfjs'), 0, 'this check must be able to fail');
});

const described: Record<string, unknown>[] = [
  ...VitOrdering.options.flatMap((ordering) =>
    AttentionKind.options.map((attention) => ({ family: 'vit', ordering, attention, layerScale: 0.1, depth: 2 })),
  ),
  ...Positional.options.flatMap((positional) =>
    Pool.options.map((pool) => ({ family: 'vit', positional, pool, depth: 1 })),
  ),
  { family: 'vit', ordering: 'parallelFused', qkvBias: false, depth: 1 },
  ...ResnetOrdering.options.flatMap((ordering) => [
    { preset: 'resnet20', ordering },
    { preset: 'resnet18', ordering },
  ]),
  { preset: 'resnet50' },
  ...CrossvitModel.shape.fusion
    .unwrap()
    .options.flatMap((fusion) =>
      [1, 2].map((crossDepth) => ({ preset: 'crossvit_tiny', imageSize: 224, fusion, crossDepth })),
    ),
  { preset: 'crossvit_18_dagger', imageSize: 224 },
  { preset: 'clip_rn50', imageSize: 224 },
];
for (const raw of described)
  test(`the layer table holds what the network declares: ${JSON.stringify(raw)}`, () => {
    const resolved = model('preset' in raw ? raw : { imageSize: 32, classes: 10, ...raw });
    const declared = [...describeParameters(resolved)].map(([name, { shape, trainable }]) => ({
      name,
      shape,
      trainable,
    }));
    const counted = modelLayers(resolved).flatMap(({ parameters, buffers }) => [
      ...Object.entries(parameters).map(([name, shape]) => ({ name, shape, trainable: true })),
      ...Object.entries(buffers).map(([name, shape]) => ({ name, shape, trainable: false })),
    ]);
    const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
    assert.deepEqual(counted.sort(byName), declared.sort(byName));
  });

test('batch size 1 is refused exactly where a batch norm sees one value per channel', () => {
  fc.assert(
    fc.property(
      fc.record({
        depths: fc.array(fc.constant(1), { minLength: 1, maxLength: 6 }),
        imageSize: fc.integer({ min: 8, max: 70 }),
        stem: fc.constantFrom('cifar', 'imagenet'),
        block: fc.constantFrom('basic', 'bottleneck'),
        preActivation: fc.boolean(),
      }),
      ({ depths, imageSize, stem, block, preActivation }) => {
        const written = { family: 'resnet', depths, widths: depths.map(() => 4), stem, block, imageSize, classes: 2 };
        const ordering = preActivation && block === 'basic' ? 'preActivation' : 'v1';
        const resolved = resolveConfig({
          dataset: { name: 'mine' },
          model: { ...written, ordering },
          train: { batchSize: 1 },
          augment: 'none',
        });
        assert.ok('config' in resolved, JSON.stringify(resolved));
        const complaints = configComplaints(resolved.config);
        fc.pre(complaints.every(({ path }) => path[0] === 'train')); // the image is smaller than the total stride
        const pixels = modelLayers(resolved.config.model)
          .filter(({ buffers }) => Object.keys(buffers).length > 0)
          .map(({ name, kept, parameters }) => kept / (parameters[`${name}.weight`]?.[0] ?? Number.NaN));
        const refused = complaints.some(({ path }) => path.join('.') === 'train.batchSize');
        assert.equal(refused, pixels.includes(1), `batch norms over ${pixels.join(', ')} pixels`);
      },
    ),
    { seed: 10, numRuns: 300 },
  );
});

test('a model whose checkpoint cannot be read back is refused at /model', () => {
  const check = checkpointComplaints();
  const config = (depth: number, train = {}) => {
    const model = { family: 'vit', imageSize: 224, classes: 1000, patchSize: 16, width: 1280, heads: 16, depth };
    const resolved = resolveConfig({ dataset: { name: 'mine' }, model, train, augment: 'none' });
    assert.ok('config' in resolved, JSON.stringify(resolved));
    return resolved.config;
  };
  assert.deepEqual(check(config(16)), []);
  assert.deepEqual(check(config(24, { optimizer: { name: 'sgd' } })), []);
  const [complaint] = check(config(24));
  assert.deepEqual(complaint?.path, ['model']);
  assert.match(complaint?.message ?? '', /474,\d{3},\d{3} parameters with adamw .* 5\.3 GiB.*4 GiB/);
  assert.equal(check(config(20, { optimizer: { name: 'adamw' }, ema: 0.99 })).length, 1);
});
