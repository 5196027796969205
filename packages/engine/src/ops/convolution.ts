/** Convolution with PyTorch's padding: the same number of zeros on both sides, then VALID. */
import { type Attribute, float32, op } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';

/** `same` at stride 1 pads as PyTorch does and is the form that kernels know best. */
export function paddingAttributes(kernel: number[], stride: number, padding: number): Record<string, Attribute> {
  const strides: Attribute = { ints: [1, stride, stride, 1] };
  if (padding === 0) return { strides, padding: { string: 'VALID' } };
  if (stride === 1 && kernel.every((size) => size === 2 * padding + 1)) return { strides, padding: { string: 'SAME' } };
  return {
    strides,
    padding: { string: 'EXPLICIT' },
    explicit_paddings: { ints: [0, 0, padding, padding, padding, padding, 0, 0] },
  };
}

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
    ...paddingAttributes(kernel.shape.slice(0, 2), stride, padding),
    data_format: { string: 'NHWC' },
  };
  return withGradient([x, kernel], () => ({
    value: op('Conv2D', attributes, [x, kernel]),
    saved: [x, kernel],
    gradient: (dy, [x, kernel]) => {
      if (!x || !kernel) throw new Error('conv2d: nothing was saved for the gradient');
      const shapeOf = (t: tf.Tensor) => tf.tensor1d(t.shape, 'int32');
      return [
        op('Conv2DBackpropInput', attributes, [shapeOf(x), kernel, dy]),
        op('Conv2DBackpropFilter', attributes, [x, shapeOf(kernel), dy]),
      ];
    },
  }));
}
