import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Optimizer, resolveModel } from '@ablate/contracts';
import { createOptimizer, openProgram } from '@ablate/engine';
import { assignWeights, buildModel, decodeSafetensors, readWeights } from '@ablate/models';
import { trainingStep } from '@ablate/training';
import { z } from 'zod';

/** Fifty steps of PyTorch, recorded by fixtures/engine/generate.py. */
const folder = new URL('../fixtures/engine/', import.meta.url);
const Fixture = z.object({
  data: z.object({ imageSize: z.int(), classes: z.int(), batchSize: z.int(), batches: z.int() }),
  cases: z.array(
    z.object({
      model: z.record(z.string(), z.unknown()),
      weights: z.string(),
      optimizer: Optimizer,
      losses: z.array(z.number()),
      norms: z.record(z.string(), z.number()),
    }),
  ),
});
const { data, cases } = Fixture.parse(JSON.parse(readFileSync(new URL('pytorch.json', folder), 'utf8')));

/** generate.py's `hashed`: murmur3's finaliser over a counter. */
function hashed(index: number, seed: number): number {
  let h = (Math.imul(index, 0x9e3779b1) + Math.imul(seed, 0x85ebca77)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
  return (h ^ (h >>> 16)) >>> 0;
}

const { imageSize, classes, batchSize } = data;
const pixels = batchSize * imageSize ** 2 * 3;
const batches = Array.from({ length: data.batches }, (_, number) => ({
  images: Float32Array.from({ length: pixels }, (_, i) => (hashed(i, number) >>> 8) / 2 ** 22 - 2),
  labels: Int32Array.from({ length: batchSize }, (_, i) => (hashed(i, 1000 + number) >>> 16) % classes),
}));

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

for (const { model: raw, weights, optimizer: settings, losses, norms } of cases)
  test(`fifty training steps of ${weights.split('.')[0]} with ${settings.name} equal PyTorch's`, () => {
    const resolved = resolveModel(raw);
    assert.ok('model' in resolved);
    const network = buildModel(resolved.model, { seed: 0 });
    const file = decodeSafetensors(new Uint8Array(readFileSync(new URL(weights, folder))));
    assignWeights(network, readWeights(resolved.model, file.tensors).tensors);
    const optimizer = createOptimizer(settings, network.parameters);

    const variables = new Map([...network.parameters, ...network.buffers, ...optimizer.slots]);
    const program = openProgram({
      variables,
      precision: 'fp32',
      functions: { train: trainingStep(network, optimizer, 0) },
    });

    const ours = losses.map((_, number) => {
      const batch = batches[number % batches.length];
      assert.ok(batch);
      const { loss } = program.run('train', {
        images: { shape: [batchSize, imageSize, imageSize, 3], dtype: 'float32', data: batch.images },
        labels: { shape: [batchSize], dtype: 'int32', data: batch.labels },
        learningRate: { shape: [], dtype: 'float32', data: Float32Array.of(settings.learningRate) },
        seed: { shape: [], dtype: 'int32', data: Int32Array.of(0) },
        step: { shape: [], dtype: 'int32', data: Int32Array.of(number) },
      });
      return loss?.[0] ?? Number.NaN;
    });
    const apart = ours.map((loss, at) => Math.abs(loss - (losses[at] ?? Number.NaN)));
    assert.ok(program.compiled, `not compiled: ${program.notes.join('; ')}`);
    assert.ok((apart[0] ?? 1) < 2e-6, `the first loss is ${ours[0]}, PyTorch's is ${losses[0]}`);
    const worst = apart.indexOf(Math.max(...apart));
    assert.ok(
      apart.every((difference) => difference < 1e-4),
      `after ${worst} steps the loss is ${ours[worst]}, PyTorch's is ${losses[worst]}`,
    );

    const values = program.read();
    assert.deepEqual([...network.parameters.keys(), ...network.buffers.keys()].sort(), Object.keys(norms).sort());
    for (const [name, theirs] of Object.entries(norms)) {
      const value = values.get(name)?.data;
      assert.ok(value instanceof Float32Array);
      const difference = Math.abs(norm(value) - theirs);
      // Rounding that differs by 1e-7 has grown by now: see generate.py --noise.
      assert.ok(difference <= 1e-4 * theirs + 1e-4, `the norm of ${name} is ${norm(value)}, PyTorch's is ${theirs}`);
    }
    program.dispose();
    optimizer.dispose();
    network.dispose();
  });
