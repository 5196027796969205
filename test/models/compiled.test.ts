import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOptimizer, openProgram, tf } from '@ablate/engine';
import type { Network } from '@ablate/models';
import { trainingStep } from '@ablate/training';
import { assertNear, build, noise } from './support.ts';

const CLASSES = 3;
const BATCH = 4;
const EVERYWHERE = { position: 0.1, attention: 0.1, projection: 0.1, mlp: 0.1, path: 0.1 };
const vit = (more: Record<string, unknown>) => ({
  family: 'vit',
  imageSize: 8,
  patchSize: 4,
  width: 8,
  depth: 2,
  heads: 2,
  ...more,
});
const resnet = (more: Record<string, unknown>) => ({
  family: 'resnet',
  imageSize: 8,
  depths: [1, 1],
  widths: [4, 8],
  ...more,
});
const crossvit = (more: Record<string, unknown>) => ({
  family: 'crossvit',
  imageSize: 16,
  small: { patchSize: 4, width: 8, depth: 1, heads: 2 },
  large: { imageSize: 24, patchSize: 8, width: 12, depth: 1, heads: 3 },
  stages: 1,
  dropout: EVERYWHERE,
  ...more,
});

const MODELS: Record<string, Record<string, unknown>> = {
  'ViT with dropout': vit({ dropout: EVERYWHERE, positional: 'learned2d', layerScale: 0.1 }),
  'ViT, mean pool, post-norm': vit({ pool: 'mean', ordering: 'postNorm', positional: 'sinusoidal1d' }),
  'ViT-22B': vit({ ordering: 'parallelFused', qkvBias: false, dropout: EVERYWHERE }),
  'differential ViT': vit({ attention: 'differential', dropout: EVERYWHERE }),
  'differential ViT-22B': vit({ attention: 'differential', ordering: 'parallelFused' }),
  'ResNet v2': resnet({ ordering: 'v2' }),
  'ResNet pre-activation, padded': resnet({ ordering: 'preActivation', shortcut: 'pad' }),
  'ResNet bottleneck, ImageNet stem': resnet({ block: 'bottleneck', stem: 'imagenet', imageSize: 16 }),
  'CrossViT of the paper': crossvit({}),
  'CrossViT of tokens': crossvit({ fusion: 'tokens', crossDepth: 2, combine: 'sum' }),
};

/** Losses of five steps of plain gradient descent, and the running values they leave. */
function learn(
  network: Network,
  compiled: boolean,
): { losses: number[]; buffers: number[]; ran: boolean; notes: string[] } {
  const side = network.config.imageSize;
  const optimizer = createOptimizer(
    { name: 'sgd', learningRate: 0.1, weightDecay: 0, momentum: 0, nesterov: false },
    network.parameters,
  );
  const program = openProgram({
    variables: new Map([...network.parameters, ...network.buffers]),
    functions: { train: trainingStep(network, optimizer, 0.1) },
    precision: 'fp32',
    compiled,
  });
  const images = tf.tidy(() => Float32Array.from(noise([BATCH, side, side, 3], 'images').dataSync()));
  const losses = [1, 2, 3, 4, 5].map((at) => {
    const { loss } = program.run('train', {
      images: { shape: [BATCH, side, side, 3], dtype: 'float32', data: images },
      labels: { shape: [BATCH], dtype: 'int32', data: Int32Array.of(0, 1, 2, 1) },
      learningRate: { shape: [], dtype: 'float32', data: Float32Array.of(0.1) },
      seed: { shape: [], dtype: 'int32', data: Int32Array.of(7) },
      step: { shape: [], dtype: 'int32', data: Int32Array.of(at) },
    });
    return loss?.[0] ?? Number.NaN;
  });
  const values = program.read();
  const result = {
    losses,
    buffers: [...network.buffers.keys()].flatMap((name) => [...(values.get(name)?.data ?? [])]),
    ran: program.compiled,
    notes: program.notes,
  };
  program.dispose();
  return result;
}

for (const [name, raw] of Object.entries(MODELS))
  test(`${name}: compiles, and equals the eager step`, (t) => {
    const [one, other] = [build({ ...raw, classes: CLASSES }), build({ ...raw, classes: CLASSES })];
    t.after(() => [one, other].map((network) => network.dispose()));
    const [eager, compiled] = [learn(one, false), learn(other, true)];
    assert.ok(compiled.ran, compiled.notes.join());
    assertNear(compiled.losses, eager.losses, 1e-4, 'losses');
    assertNear(compiled.buffers, eager.buffers, 1e-4, 'running values');
  });
