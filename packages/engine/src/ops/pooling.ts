/** Pooling with PyTorch's padding. */
import { type Attribute, float32, op } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';

const attributes = (size: number, stride: number): Record<string, Attribute> => ({
  T: float32,
  ksize: { ints: [1, size, size, 1] },
  strides: { ints: [1, stride, stride, 1] },
  padding: { string: 'VALID' },
  data_format: { string: 'NHWC' },
});

// The lowest float32: padding with it never wins, and unlike -infinity it stays finite where it is multiplied.
const LOWEST = -3.4028234663852886e38;

/** The largest of each window (B, H, W, C) -> (B, H', W', C); padding counts as smaller than everything, as in torch. */
export function maxPool2d(
  x: tf.Tensor,
  { size, stride, padding = 0 }: { size: number; stride: number; padding?: number },
): tf.Tensor {
  const side: [number, number] = [padding, padding];
  const padded = padding === 0 ? x : tf.pad(x, [[0, 0], side, side, [0, 0]], LOWEST);
  const given = attributes(size, stride);
  return withGradient(
    { x: padded },
    ({ x }) => {
      const y = op('MaxPool', given, [x]);
      return { value: y, saved: { x, y } };
    },
    (dy, { x, y }) => ({ x: op('MaxPoolGrad', given, [x, y, dy]) }),
  );
}

/** The mean of each window (B, H, W, C) -> (B, H', W', C), without padding. */
export function avgPool2d(x: tf.Tensor, { size, stride }: { size: number; stride: number }): tf.Tensor {
  const given = attributes(size, stride);
  return withGradient(
    { x },
    ({ x }) => ({ value: op('AvgPool', given, [x]), saved: {} }),
    (dy) => ({ x: op('AvgPoolGrad', given, [tf.tensor1d(x.shape, 'int32'), dy]) }),
  );
}
