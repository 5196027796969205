/** Convolution with PyTorch's padding: the same number of zeros on both sides, then VALID. */
import { type Attribute, float32, op } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';

const attributes = (stride: number, padding: 'SAME' | 'VALID'): Record<string, Attribute> => ({
  T: float32,
  strides: { ints: [1, stride, stride, 1] },
  padding: { string: padding },
  data_format: { string: 'NHWC' },
});

/** Zeros on both sides of height and width, but none that no window reaches. */
function padded(x: tf.Tensor, kernel: tf.Tensor, stride: number, padding: number): tf.Tensor {
  if (padding === 0) return x;
  const sides = [1, 2].map((axis): [number, number] => {
    const [length = 0, span = 0] = [x.shape[axis], kernel.shape[axis - 1]];
    const windows = Math.floor((length + 2 * padding - span) / stride) + 1;
    return [padding, Math.max(0, (windows - 1) * stride + span - length - padding)];
  });
  return tf.pad(x, [[0, 0], ...sides, [0, 0]]);
}

const shapeOf = (tensor: tf.Tensor): tf.Tensor => tf.tensor1d(tensor.shape, 'int32');

/**
 * Convolve images (B, H, W, C) with a kernel (h, w, C, O); the result is (B, H', W', O), H' = floor((H + 2·padding - h) / stride) + 1.
 * `padding` counts the zeros on each side, as in torch.nn.Conv2d.
 */
export function conv2d(
  x: tf.Tensor,
  kernel: tf.Tensor,
  { stride = 1, padding = 0 }: { stride?: number; padding?: number } = {},
): tf.Tensor {
  if (x.shape.length !== 4 || kernel.shape.length !== 4 || x.shape[3] !== kernel.shape[2])
    throw new Error(`conv2d: images [${x.shape}] (B, H, W, C) do not fit a kernel [${kernel.shape}] (h, w, C, O)`);
  // TensorFlow's own explicit padding is fast forwards only: its gradients miss oneDNN.
  const same = stride === 1 && kernel.shape.slice(0, 2).every((size) => size === 2 * padding + 1);
  const given = attributes(stride, same ? 'SAME' : 'VALID');
  return withGradient(
    { x: same ? x : padded(x, kernel, stride, padding), kernel },
    (inputs) => ({ value: op('Conv2D', given, [inputs.x, inputs.kernel]), saved: inputs }),
    (dy, { x, kernel }) => ({
      x: op('Conv2DBackpropInput', given, [shapeOf(x), kernel, dy]),
      kernel: op('Conv2DBackpropFilter', given, [x, shapeOf(kernel), dy]),
    }),
  );
}
