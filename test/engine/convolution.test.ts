/** Convolutions against plain loops, over many shapes: kernels of oneDNN and TensorFlow differ by shape and instruction set. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conv2d, tf } from '@ablate/engine';

const BATCH = 2;
type Shape = { side: number; size: number; stride: number; padding: number; inputs: number; outputs: number };

const wave = (length: number, pace: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * pace + 1));

/** Convolution (B, H, W, C) · (h, w, C, O), and the gradients of its sum weighted by `dy`, in loops. */
function inLoops({ side, size, stride, padding, inputs, outputs }: Shape, x: Float32Array, kernel: Float32Array) {
  const positions = Math.floor((side + 2 * padding - size) / stride) + 1;
  const y = new Float64Array(BATCH * positions * positions * outputs);
  const dy = wave(y.length, 0.23);
  const [dx, dk] = [new Float64Array(x.length), new Float64Array(kernel.length)];
  for (let b = 0; b < BATCH; b++)
    for (let r = 0; r < positions; r++)
      for (let c = 0; c < positions; c++)
        for (let i = 0; i < size; i++)
          for (let j = 0; j < size; j++) {
            const [row, column] = [r * stride + i - padding, c * stride + j - padding];
            if (row < 0 || column < 0 || row >= side || column >= side) continue;
            for (let n = 0; n < inputs; n++)
              for (let o = 0; o < outputs; o++) {
                const at = ((b * side + row) * side + column) * inputs + n;
                const k = ((i * size + j) * inputs + n) * outputs + o;
                const out = ((b * positions + r) * positions + c) * outputs + o;
                y[out]! += x[at]! * kernel[k]!;
                dx[at]! += dy[out]! * kernel[k]!;
                dk[k]! += dy[out]! * x[at]!;
              }
          }
  return { positions, y, dy, dx, dk };
}

function assertClose(what: string, found: ArrayLike<number>, wanted: Float64Array): void {
  const most = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  for (const [i, value] of wanted.entries())
    assert.ok(Math.abs((found[i] ?? Number.NaN) - value) <= 1e-4 * most, `${what} at ${i}: ${found[i]}, not ${value}`);
}

for (const [size, stride, padding] of [
  [1, 1, 0],
  [1, 2, 0],
  [3, 1, 1],
  [3, 2, 1],
  [7, 2, 3],
  [4, 4, 0],
] as const)
  test(`conv2d ${size} × ${size}, stride ${stride}: output and gradients equal plain loops`, () => {
    for (const side of [5, 8, 16])
      for (const inputs of [1, 3, 4, 7, 8, 16])
        for (const outputs of [2, 8, 17]) {
          const shape = { side, size, stride, padding, inputs, outputs };
          const [x, kernel] = [wave(BATCH * side * side * inputs, 0.37), wave(size * size * inputs * outputs, 0.11)];
          const wanted = inLoops(shape, x, kernel);
          tf.tidy(() => {
            const images = tf.tensor4d(x, [BATCH, side, side, inputs]);
            const weights = tf.tensor4d(kernel, [size, size, inputs, outputs]);
            const dy = tf.tensor4d(wanted.dy, [BATCH, wanted.positions, wanted.positions, outputs]);
            const y = conv2d(images, weights, { stride, padding });
            const [dx, dk] = tf.grads((x, k) => conv2d(x, k, { stride, padding }))([images, weights], dy);
            const named = JSON.stringify(shape);
            assertClose(`output of ${named}`, y.dataSync(), wanted.y);
            assertClose(`gradient of the images of ${named}`, dx?.dataSync() ?? [], wanted.dx);
            assertClose(`gradient of the kernel of ${named}`, dk?.dataSync() ?? [], wanted.dk);
          });
        }
  });
