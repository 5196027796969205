import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeParameters } from '@ablate/models';
import { build, model } from './support.ts';

const count = (raw: Record<string, unknown>): number =>
  [...describeParameters(model(raw)).values()]
    .filter(({ trainable }) => trainable)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

const cifar = (patchSize: number, width: number, depth: number, heads: number, more: Record<string, unknown> = {}) => ({
  family: 'vit',
  imageSize: 32,
  classes: 10,
  patchSize,
  width,
  depth,
  heads,
  ...more,
});

/** Trained values of the reference implementations, to the digit. */
const COUNTS: [Record<string, unknown>, number][] = [
  [{ preset: 'resnet18' }, 11_689_512],
  [{ preset: 'resnet18', imageSize: 32, classes: 10 }, 11_181_642],
  [{ preset: 'resnet18', imageSize: 32, classes: 10, stem: 'cifar' }, 11_173_962],
  [{ preset: 'resnet18', imageSize: 32, classes: 10, stem: 'cifar', ordering: 'preActivation' }, 11_171_146],
  [{ preset: 'resnet20' }, 269_722],
  [{ preset: 'resnet50' }, 25_557_032],
  [{ preset: 'vit_tiny_16' }, 5_717_416],
  [{ preset: 'vit_small_16' }, 22_050_664],
  [{ preset: 'vit_small_16', patchSize: 32 }, 22_878_952],
  [{ preset: 'vit_base_16' }, 86_567_656],
  [{ preset: 'vit_base_16', patchSize: 32 }, 88_224_232],
  [cifar(4, 192, 12, 3), 5_362_762],
  [cifar(4, 192, 12, 3, { attention: 'differential' }), 5_362_762 + 2304],
  [cifar(2, 192, 12, 3), 5_392_714],
  [cifar(8, 192, 12, 3), 5_381_194],
  [cifar(4, 192, 6, 3), 2_693_578],
  [cifar(4, 384, 7, 6), 12_470_026],
  [cifar(4, 384, 7, 12, { mlpRatio: 1 }), 6_268_810],
  [cifar(4, 256, 6, 4, { mlpRatio: 2 }), 3_195_146],
  [cifar(4, 192, 9, 12, { mlpRatio: 2 }), 2_697_610],
  [cifar(32, 128, 16, 4), 3_567_626],
  [cifar(16, 128, 16, 4), 3_273_098],
  [cifar(8, 128, 16, 4), 3_200_906],
  [cifar(4, 128, 16, 4), 3_188_618],
  [{ preset: 'crossvit_tiny' }, 7_014_800],
  [{ preset: 'crossvit_small' }, 26_856_272],
  [{ preset: 'crossvit_base' }, 105_025_232],
  [{ preset: 'crossvit_9' }, 8_553_296],
  [{ preset: 'crossvit_15' }, 27_528_464],
  [{ preset: 'crossvit_18' }, 43_271_408],
  [{ preset: 'crossvit_9_dagger' }, 8_776_592],
  [{ preset: 'crossvit_15_dagger' }, 28_209_008],
  [{ preset: 'crossvit_18_dagger' }, 44_266_976],
  [{ preset: 'clip_rn50' }, 102_007_137],
];
for (const [raw, wanted] of COUNTS)
  test(`${JSON.stringify(raw)} has ${wanted} parameters`, () => assert.equal(count(raw), wanted));

/** PyTorch's layout of matrices and kernels; embedding tables and CLIP's text projection have the same layout in both. */
function torchShape(name: string, shape: number[]): number[] {
  if (shape.length === 4) return [3, 2, 0, 1].map((axis) => shape[axis] ?? 0);
  const matrix = shape.length === 2 && /weight$/.test(name) && name !== 'token_embedding.weight';
  return matrix ? [...shape].reverse() : shape;
}

// Written by fixtures/models/shapes.py from torchvision, timm and open_clip.
const references: Record<string, Record<string, number[]>> = JSON.parse(
  readFileSync(new URL('../fixtures/models/shapes.json', import.meta.url), 'utf8'),
);
for (const [preset, shapes] of Object.entries(references))
  test(`${preset} has the reference’s names and shapes`, () => {
    const found = [...describeParameters(model({ preset, ...(preset.startsWith('crossvit') && { imageSize: 240 }) }))];
    assert.deepEqual(Object.fromEntries(found.map(([name, { shape }]) => [name, torchShape(name, shape)])), shapes);
  });

test('a described model and a built one agree', (t) => {
  const raw = { preset: 'resnet20', ordering: 'v2' };
  const network = build(raw);
  t.after(() => network.dispose());
  for (const [name, { shape, trainable }] of describeParameters(model(raw)))
    assert.deepEqual((trainable ? network.parameters : network.buffers).get(name)?.shape, shape);
});

test('describing a model loads no TensorFlow', () => {
  const source = new URL('../../packages/models/src/describe.ts', import.meta.url).href;
  const script = `
    const { describeParameters } = await import(${JSON.stringify(source)});
    if (typeof describeParameters !== 'function') throw new Error('nothing to describe with');
    const { createRequire } = await import('node:module');
    const cached = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('tfjs-node'));
    console.log(cached.length, [...process.report.getReport().sharedObjects].filter((path) => path.includes('tensorflow')).length);
  `;
  const printed = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  assert.equal(printed.trim(), '0 0');
});
