/** The engine's gradients against finite differences, eagerly and compiled. */
import './fuse-everything.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as engine from '@ablate/engine';
import { openProgram, tf } from '@ablate/engine';

/** Shuffled numbers between -1 and 1, at least 2 / count apart, so that finite differences cross no tie. */
const numbers = (count: number, salt: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => ((((i + salt) * 7919) % count) + 0.5) * (2 / count) - 1);
const size = (shape: number[]) => shape.reduce((product, length) => product * length, 1);

type Case = { name: string; shapes: number[][]; f: (...inputs: tf.Tensor[]) => tf.Tensor };
const need = (tensor: tf.Tensor | undefined): tf.Tensor => {
  if (!tensor) throw new Error('the case has too few inputs');
  return tensor;
};

const random = { seed: tf.scalar(7, 'int32'), step: tf.scalar(3, 'int32') };
const labels = tf.tensor1d([0, 3, 1], 'int32');
const soft = tf.tensor2d([0.7, 0.3, 0, 0, 0, 0, 0.4, 0.6, 0.25, 0.25, 0.25, 0.25], [3, 4]);
const running = () => ({ mean: tf.variable(tf.zeros([3])), variable: tf.variable(tf.ones([3])) });
const statistics = running();
const frozen = { mean: tf.variable(tf.tensor1d([0.1, -0.2, 0.3])), variance: tf.variable(tf.tensor1d([0.5, 1.5, 2])) };

const cases: Case[] = [
  { name: 'linear', shapes: [[2, 3, 4], [4, 5], [5]], f: (x, w, b) => engine.linear(need(x), need(w), need(b)) },
  {
    name: 'linear without bias',
    shapes: [
      [3, 4],
      [4, 5],
    ],
    f: (x, w) => engine.linear(need(x), need(w), null),
  },
  ...[false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({
      name: `batchMatMul, transposes ${transposeA} ${transposeB}`,
      shapes: [transposeA ? [2, 3, 4] : [2, 4, 3], transposeB ? [2, 5, 3] : [2, 3, 5]],
      f: (...[a, b]: tf.Tensor[]) => engine.batchMatMul(need(a), need(b), { transposeA, transposeB }),
    })),
  ),
  ...[
    { stride: 1, padding: 1 },
    { stride: 2, padding: 1 },
    { stride: 2, padding: 0 },
  ].map((options) => ({
    name: `conv2d, stride ${options.stride}, padding ${options.padding}`,
    shapes: [
      [2, 5, 5, 2],
      [3, 3, 2, 3],
    ],
    f: (...[x, kernel]: tf.Tensor[]) => engine.conv2d(need(x), need(kernel), options),
  })),
  {
    name: 'conv2d 1×1',
    shapes: [
      [2, 4, 4, 3],
      [1, 1, 3, 2],
    ],
    f: (x, k) => engine.conv2d(need(x), need(k), { stride: 2 }),
  },
  {
    name: 'maxPool2d with padding',
    shapes: [[2, 5, 5, 2]],
    f: (x) => engine.maxPool2d(need(x), { size: 3, stride: 2, padding: 1 }),
  },
  { name: 'avgPool2d', shapes: [[2, 4, 4, 2]], f: (x) => engine.avgPool2d(need(x), { size: 2, stride: 2 }) },
  {
    name: 'batchNorm in training',
    shapes: [[4, 2, 2, 3], [3], [3]],
    f: (x, gain, bias) =>
      engine.batchNorm(
        need(x),
        { gain: need(gain), bias: need(bias), mean: statistics.mean, variance: statistics.variable },
        { training: true },
      ),
  },
  {
    name: 'batchNorm in evaluation',
    shapes: [[4, 3], [3], [3]],
    f: (x, gain, bias) =>
      engine.batchNorm(need(x), { gain: need(gain), bias: need(bias), ...frozen }, { training: false }),
  },
  { name: 'layerNorm', shapes: [[3, 5], [5], [5]], f: (x, g, b) => engine.layerNorm(need(x), need(g), need(b), 1e-6) },
  {
    name: 'layerNorm, 32 wide',
    shapes: [[2, 3, 32], [32], [32]],
    f: (x, g, b) => engine.layerNorm(need(x), need(g), need(b)),
  },
  { name: 'rmsNorm', shapes: [[3, 32], [32]], f: (x, g) => engine.rmsNorm(need(x), need(g)) },
  { name: 'rmsNorm without gain', shapes: [[2, 3, 5]], f: (x) => engine.rmsNorm(need(x), null) },
  { name: 'gelu', shapes: [[4, 5]], f: (x) => engine.gelu(need(x)) },
  { name: 'quickGelu', shapes: [[4, 5]], f: (x) => engine.quickGelu(need(x)) },
  { name: 'relu', shapes: [[4, 5]], f: (x) => engine.relu(need(x)) },
  { name: 'softmax', shapes: [[2, 3, 4]], f: (x) => engine.softmax(need(x)) },
  {
    name: 'unstack of tf.js',
    shapes: [[2, 3, 4]],
    f: (x) => tf.addN(tf.unstack(need(x), 1).map((part, i) => part.mul(i + 1))),
  },
  { name: 'dropout', shapes: [[4, 5]], f: (x) => engine.dropout(need(x), 0.4, random, 'here') },
  { name: 'dropPath', shapes: [[6, 2, 2]], f: (x) => engine.dropPath(need(x), 0.4, random, 'there') },
  { name: 'crossEntropy', shapes: [[3, 4]], f: (logits) => engine.crossEntropy(need(logits), labels) },
  { name: 'crossEntropy, smoothed', shapes: [[3, 4]], f: (logits) => engine.crossEntropy(need(logits), labels, 0.1) },
  { name: 'crossEntropy, soft', shapes: [[3, 4]], f: (logits) => engine.crossEntropy(need(logits), soft) },
  {
    name: 'crossEntropy, soft and smoothed',
    shapes: [[3, 4]],
    f: (logits) => engine.crossEntropy(need(logits), soft, 0.1),
  },
];

/** Σ f(x)·r with fixed weights r, so that every output counts differently. */
function projected({ f }: Case): (...inputs: tf.Tensor[]) => tf.Scalar {
  return (...inputs) => {
    const y = f(...inputs);
    return tf.sum(tf.mul(y, tf.tensor(numbers(y.size, 99), y.shape)));
  };
}

function finiteDifferences(one: Case, inputs: Float32Array[]): Float32Array[] {
  const loss = projected(one);
  const value = (given: Float32Array[]) =>
    tf.tidy(() => loss(...given.map((data, i) => tf.tensor(data, one.shapes[i]))).dataSync()[0] ?? Number.NaN);
  const h = 5e-3;
  return inputs.map((data, index) =>
    data.map((_, element) => {
      const moved = (by: number) =>
        value(inputs.map((other, i) => (i === index ? other.map((v, e) => (e === element ? v + by : v)) : other)));
      return (moved(h) - moved(-h)) / (2 * h);
    }),
  );
}

const close = (name: string, found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void => {
  assert.equal(found.length, wanted.length, name);
  for (let i = 0; i < wanted.length; i++) {
    const [a = Number.NaN, b = Number.NaN] = [found[i], wanted[i]];
    assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${name}[${i}]: ${a} is not ${b}`);
  }
};

for (const one of cases)
  test(`${one.name}: gradients equal finite differences, compiled ones the eager ones`, () => {
    const inputs = one.shapes.map((shape, i) => numbers(size(shape), i));
    const gradients = (tensors: tf.Tensor[]) => tf.grads(projected(one))(tensors);
    const eager = tf.tidy(() =>
      gradients(inputs.map((data, i) => tf.tensor(data, one.shapes[i]))).map((gradient) => gradient.dataSync().slice()),
    );
    for (const [i, wanted] of finiteDifferences(one, inputs).entries())
      close(`input ${i}`, eager[i] ?? [], wanted, 5e-3);

    const program = openProgram({
      variables: new Map([
        ['mean', statistics.mean],
        ['variance', statistics.variable],
        ['frozen mean', frozen.mean],
        ['frozen variance', frozen.variance],
      ]),
      precision: 'fp32',
      functions: {
        gradients: (given) =>
          Object.fromEntries(gradients(Object.values(given)).map((gradient, i) => [`input${i}`, gradient])),
      },
    });
    const compiled = program.run(
      'gradients',
      Object.fromEntries(
        inputs.map((data, i) => [`input${i}`, { shape: one.shapes[i] ?? [], dtype: 'float32' as const, data }]),
      ),
    );
    assert.deepEqual(program.notes, []);
    for (const [i, wanted] of eager.entries()) close(`compiled input ${i}`, compiled[`input${i}`] ?? [], wanted, 1e-5);
    program.dispose();
  });

for (const stride of [1, 2] as const)
  test(`conv2d over few positions, stride ${stride}: the kernel's gradient equals tf.js's`, () => {
    const [x, kernel] = [
      tf.tensor4d(numbers(2 * 7 * 7 * 256, 1), [2, 7, 7, 256]),
      tf.tensor4d(numbers(9 * 256 * 256, 2), [3, 3, 256, 256]),
    ];
    const images = stride === 1 ? tf.slice4d(x, [0, 0, 0, 0], [2, 4, 4, 256]) : x;
    const weigh = (y: tf.Tensor) => tf.sum(tf.mul(y, tf.tensor(numbers(y.size, 3), y.shape))).asScalar();
    const ours = tf.grad((k) => weigh(engine.conv2d(images, k, { stride, padding: 1 })))(kernel);
    const padded = tf.pad4d(images, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    const theirs = tf.grad((k) => weigh(tf.conv2d(padded, k.as4D(3, 3, 256, 256), stride, 'valid')))(kernel);
    assert.deepEqual(ours.shape, theirs.shape);
    close('kernel', ours.dataSync(), theirs.dataSync(), 1e-4);
    tf.dispose([x, kernel, images, ours, padded, theirs]);
  });

test('soft labels: the loss is the weighted mean over hard labels; other shapes are refused', () => {
  const logits = tf.tensor2d(numbers(12, 1), [3, 4]);
  for (const smoothing of [0, 0.1]) {
    const each = [0, 1, 2, 3].map((label) =>
      engine.crossEntropy(logits, tf.fill([3], label, 'int32'), smoothing).dataSync(),
    );
    const weights = soft.dataSync();
    const wanted = [0, 1, 2].map((row) =>
      each.reduce((sum, losses, k) => sum + (losses[row] ?? 0) * (weights[row * 4 + k] ?? 0), 0),
    );
    close(`smoothing ${smoothing}`, engine.crossEntropy(logits, soft, smoothing).dataSync(), wanted, 1e-5);
  }
  assert.throws(() => engine.crossEntropy(logits, tf.zeros([3, 5])), /float32 ones \[3,4\], not float32 \[3,5\]/);
  assert.throws(() => engine.crossEntropy(logits, tf.zeros([3])), /not float32 \[3\]/);
});
