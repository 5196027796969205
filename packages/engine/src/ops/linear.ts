/** Matrix products: the linear layer and the batched product of attention. */
import { float32, op } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';

type Transposes = { transposeA?: boolean; transposeB?: boolean };

const product = (a: tf.Tensor, b: tf.Tensor, { transposeA = false, transposeB = false }: Transposes = {}) =>
  op('MatMul', { T: float32, transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } }, [a, b]);

const batchProduct = (a: tf.Tensor, b: tf.Tensor, { transposeA = false, transposeB = false }: Transposes = {}) =>
  op('BatchMatMulV2', { T: float32, adj_x: { bool: transposeA }, adj_y: { bool: transposeB } }, [a, b]);

/** aᵀ b for tall a and b. With the wider one on the right the product runs faster, by more than the transpose costs. */
export const transposedProduct = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  (a.shape[1] ?? 0) > (b.shape[1] ?? 0)
    ? tf.transpose(product(b, a, { transposeA: true }))
    : product(a, b, { transposeA: true });

/** Sum over every axis but the last: (…, C) -> (C). As a product with ones, which is faster than TensorFlow's sums. */
export function columnSum(x: tf.Tensor): tf.Tensor {
  const rows = rowsOf(x);
  return tf.reshape(product(tf.ones([1, rows.shape[0] ?? 1]), rows), [x.shape.at(-1) ?? 1]);
}

/** Add a bias over the last axis: (…, C) + (C). */
const biasAdd = (x: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
  op('BiasAdd', { T: float32, data_format: { string: 'NHWC' } }, [x, bias]);

/** The rows of a tensor: (…, C) -> (R, C). */
export const rowsOf = (x: tf.Tensor): tf.Tensor =>
  x.shape.length === 2 ? x : tf.reshape(x, [-1, x.shape.at(-1) ?? 1]);

/**
 * A linear layer: (…, I) · (I, O) + (O) -> (…, O), as torch.nn.Linear with its weight transposed.
 * Throws if the last axis of `x` is not I.
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor | null): tf.Tensor {
  const [inner = 0, outer = 0] = weight.shape;
  if (x.shape.at(-1) !== inner)
    throw new Error(`linear: input of shape [${x.shape}] does not match a weight of shape [${weight.shape}]`);
  const saved = { rows: rowsOf(x), weight };
  const gradients = (dy: tf.Tensor, { rows, weight }: typeof saved) => ({
    rows: product(dy, weight, { transposeB: true }),
    weight: transposedProduct(rows, dy),
  });
  const y = bias
    ? withGradient(
        { ...saved, bias },
        ({ rows, weight, bias }) => ({ value: biasAdd(product(rows, weight), bias), saved }),
        (dy, saved) => ({ ...gradients(dy, saved), bias: columnSum(dy) }),
      )
    : withGradient(saved, ({ rows, weight }) => ({ value: product(rows, weight), saved }), gradients);
  return x.shape.length === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), outer]);
}

/** Products over equal leading axes: (…, M, K) · (…, K, N) -> (…, M, N), either transposed in its last two axes. */
export function batchMatMul(
  a: tf.Tensor,
  b: tf.Tensor,
  { transposeA = false, transposeB = false }: Transposes = {},
): tf.Tensor {
  const leading = (t: tf.Tensor) => t.shape.slice(0, -2).join();
  if (a.shape.length < 3 || leading(a) !== leading(b))
    throw new Error(`batchMatMul: leading axes of [${a.shape}] and [${b.shape}] must be equal, and at least one`);
  return withGradient(
    { a, b },
    (inputs) => ({ value: batchProduct(inputs.a, inputs.b, { transposeA, transposeB }), saved: inputs }),
    (dy, { a, b }) => ({
      a: transposeA
        ? batchProduct(b, dy, { transposeA: transposeB, transposeB: true })
        : batchProduct(dy, b, { transposeB: !transposeB }),
      b: transposeB
        ? batchProduct(dy, a, { transposeA: true, transposeB: transposeA })
        : batchProduct(a, dy, { transposeA: !transposeA }),
    }),
  );
}
