/** Matrix products: the linear layer and the batched product of attention. */
import { float32, op } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { type WithGradient, withGradient } from './gradient.ts';

type Transposes = { transposeA?: boolean; transposeB?: boolean };

/** A plain product (N, I) · (I, O) without a gradient of its own. */
const product = (a: tf.Tensor, b: tf.Tensor, { transposeA = false, transposeB = false }: Transposes = {}) =>
  op('MatMul', { T: float32, transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } }, [a, b]);

const batchProduct = (a: tf.Tensor, b: tf.Tensor, { transposeA = false, transposeB = false }: Transposes = {}) =>
  op('BatchMatMulV2', { T: float32, adj_x: { bool: transposeA }, adj_y: { bool: transposeB } }, [a, b]);

/** Sum over every axis but the last: (…, C) -> (C). */
export const columnSum = (x: tf.Tensor): tf.Tensor =>
  op('BiasAddGrad', { T: float32, data_format: { string: 'NHWC' } }, [x]);

/** Add a bias over the last axis: (…, C) + (C). The gradient is left to the caller. */
export const biasAdd = (x: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
  op('BiasAdd', { T: float32, data_format: { string: 'NHWC' } }, [x, bias]);

/**
 * A linear layer: (…, I) · (I, O) + (O) -> (…, O), as torch.nn.Linear with its weight transposed.
 * Throws if the last axis of `x` is not I.
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor | null): tf.Tensor {
  const [inner = 0, outer = 0] = weight.shape;
  if (x.shape.at(-1) !== inner)
    throw new Error(`linear: input of shape [${x.shape}] does not fit a weight of shape [${weight.shape}]`);
  const rows = x.shape.length === 2 ? x : tf.reshape(x, [-1, inner]);
  const forward = (): WithGradient => {
    const y = product(rows, weight);
    return {
      value: bias ? biasAdd(y, bias) : y,
      saved: [rows, weight],
      gradient: (dy, [x, w]) => {
        if (!x || !w) throw new Error('linear: nothing was saved for the gradient');
        const gradients = [product(dy, w, { transposeB: true }), product(x, dy, { transposeA: true })];
        return bias ? [...gradients, columnSum(dy)] : gradients;
      },
    };
  };
  const y = withGradient(bias ? [rows, weight, bias] : [rows, weight], forward);
  return x.shape.length === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), outer]);
}

/** Products over equal leading axes: (…, M, K) · (…, K, N) -> (…, M, N), either transposed in its last two axes. */
export function batchMatMul(a: tf.Tensor, b: tf.Tensor, { transposeA = false, transposeB = false }: Transposes = {}) {
  const leading = (t: tf.Tensor) => t.shape.slice(0, -2).join();
  if (a.shape.length < 3 || leading(a) !== leading(b))
    throw new Error(`batchMatMul: leading axes of [${a.shape}] and [${b.shape}] must be equal, and at least one`);
  return withGradient([a, b], () => ({
    value: batchProduct(a, b, { transposeA, transposeB }),
    saved: [a, b],
    gradient: (dy, [a, b]) => {
      if (!a || !b) throw new Error('batchMatMul: nothing was saved for the gradient');
      const da = transposeA
        ? batchProduct(b, dy, { transposeA: transposeB, transposeB: true })
        : batchProduct(dy, b, { transposeB: !transposeB });
      const db = transposeB
        ? batchProduct(dy, a, { transposeA: true, transposeB: transposeA })
        : batchProduct(a, dy, { transposeA: !transposeA });
      return [da, db];
    },
  }));
}
