/** Small networks for the tests of architectures. */
import assert from 'node:assert/strict';
import { modelComplaints, resolveModel } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import { buildModel, type ForwardContext, type Network } from '@ablate/models';
import { countedRandom, randomKey } from '@ablate/random';
import type { Values } from './naive.ts';

export const context = (more: Partial<ForwardContext> = {}): ForwardContext => ({
  training: false,
  random: { seed: tf.scalar(1, 'int32'), step: tf.scalar(1, 'int32') },
  ...more,
});

export function model(raw: Record<string, unknown>) {
  const resolved = resolveModel(raw);
  assert.ok('model' in resolved, JSON.stringify(resolved));
  assert.deepEqual(modelComplaints(resolved.model), []);
  return resolved.model;
}

export const build = (raw: Record<string, unknown>, seed = 1): Network => buildModel(model(raw), { seed });

/** Random numbers, so that no two elements are interchangeable. */
export function noise(shape: number[], purpose: string, deviation = 1): tf.Tensor {
  const random = countedRandom(randomKey(1, purpose));
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => deviation * random.normal()),
    shape,
    'float32',
  );
}

/** Move every value off its start, so that a gain of one or a bias of zero cannot hide a mistake. Variances stay positive. */
export function jitter(network: Network): void {
  for (const [name, variable] of [...network.parameters, ...network.buffers])
    tf.tidy(() => {
      const moved = variable.add(noise(variable.shape, name, 0.3));
      variable.assign(name.endsWith('running_var') ? moved.abs().add(0.5) : moved);
    });
}

export const valuesOf = (network: Network): Values =>
  new Map(
    [...network.parameters, ...network.buffers].map(([name, variable]) => [
      name,
      { shape: variable.shape, data: variable.dataSync() },
    ]),
  );

export function assertNear(
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what = 'values',
): void {
  assert.equal(found.length, wanted.length, `${what}: length`);
  const most = Array.from(wanted).reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  for (let i = 0; i < wanted.length; i++) {
    const off = Math.abs((found[i] ?? Number.NaN) - (wanted[i] ?? Number.NaN));
    assert.ok(off <= tolerance * most, `${what}: ${found[i]} instead of ${wanted[i]} at ${i}`);
  }
}

/** Every parameter gets a gradient that is finite and not zero, from a loss that weighs outputs unequally; and nothing leaks. */
export function assertAllTrained(network: Network, images: tf.Tensor, except: RegExp = /^$/): void {
  const given = context({ training: true });
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const loss = () => {
      const y = network.forward(images, given);
      return y.mul(noise(y.shape, 'weights of the loss')).sum() as tf.Scalar;
    };
    const { grads } = tf.variableGrads(loss, [...network.parameters.values()]);
    for (const [name, variable] of network.parameters) {
      if (except.test(name)) continue;
      const most = grads[variable.name]?.abs().max().dataSync()[0] ?? 0;
      assert.ok(Number.isFinite(most) && most > 0, `${name} is never trained (${most})`);
    }
  });
  assert.equal(tf.memory().numTensors, before, 'tensors leak');
}
