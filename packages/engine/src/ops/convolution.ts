/** Convolution with PyTorch's padding: the same number of zeros on both sides, then VALID. */
import { type Attribute, float32, op } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';

/** SAME at stride 1 pads as PyTorch does, and is the form that kernels know best. */
function paddingAttributes(kernel: number[], stride: number, padding: number): Record<string, Attribute> {
  if (padding === 0) return { padding: { string: 'VALID' } };
  if (stride === 1 && kernel.every((size) => size === 2 * padding + 1)) return { padding: { string: 'SAME' } };
  const sides = [padding, padding];
  return { padding: { string: 'EXPLICIT' }, explicit_paddings: { ints: [0, 0, ...sides, ...sides, 0, 0] } };
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
  const attributes: Record<string, Attribute> = {
    T: float32,
    strides: { ints: [1, stride, stride, 1] },
    ...paddingAttributes(kernel.shape.slice(0, 2), stride, padding),
    data_format: { string: 'NHWC' },
  };
  return withGradient(
    { x, kernel },
    (inputs) => ({ value: op('Conv2D', attributes, [inputs.x, inputs.kernel]), saved: inputs }),
    (dy, { x, kernel }) => ({
      x: op('Conv2DBackpropInput', attributes, [shapeOf(x), kernel, dy]),
      kernel: op('Conv2DBackpropFilter', attributes, [x, shapeOf(kernel), dy]),
    }),
  );
}
