/** Convolution with PyTorch's padding: the same number of zeros on both sides, then VALID. */
import { type Attribute, float32, op } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';
import { transposedProduct } from './linear.ts';

const attributes = (stride: number, padding: 'SAME' | 'VALID'): Record<string, Attribute> => ({
  T: float32,
  strides: { ints: [1, stride, stride, 1] },
  padding: { string: padding },
  data_format: { string: 'NHWC' },
});

/** Zeros on both sides of height and width, without those that no window reaches. */
function padded(x: tf.Tensor, kernel: tf.Tensor, stride: number, padding: number): tf.Tensor {
  if (padding === 0) return x;
  const sides = [1, 2].map((axis): [number, number] => {
    const [length = 0, span = 0] = [x.shape[axis], kernel.shape[axis - 1]];
    const windows = Math.floor((length + 2 * padding - span) / stride) + 1;
    return [padding, Math.max(0, (windows - 1) * stride + span - length - padding)];
  });
  return tf.pad(x, [[0, 0], ...sides, [0, 0]]);
}

// For images this small and kernels this large, oneDNN's gradient of the kernel runs at a quarter of the speed of products.
const FEW_POSITIONS = 16;
const LARGE_KERNEL = 2 ** 16;
// On AVX2, oneDNN's gradient of a 1 × 1 kernel with a stride is garbage if there are fewer inputs than lanes.
const AVX2_LANES = 8;

/** The gradient of a kernel, one product per kernel position: the pixels under it in every image, times `dy`. `x` is padded. */
function kernelGradientByPosition(x: tf.Tensor, kernel: tf.Tensor, dy: tf.Tensor, stride: number): tf.Tensor {
  const [batch = 0, rows = 0, columns = 0, outputs = 0] = dy.shape;
  const [height = 0, width = 0, inputs = 0] = kernel.shape;
  const gradients = Array.from({ length: height * width }, (_, position) => {
    const [top, left] = [Math.floor(position / width), position % width];
    const end = [batch, top + (rows - 1) * stride + 1, left + (columns - 1) * stride + 1, inputs];
    const seen = tf.stridedSlice(x, [0, top, left, 0], end, [1, stride, stride, 1]);
    return transposedProduct(tf.reshape(seen, [-1, inputs]), tf.reshape(dy, [-1, outputs]));
  });
  return tf.reshape(tf.stack(gradients), kernel.shape);
}

function usesProducts(kernel: tf.Tensor, dy: tf.Tensor, stride: number): boolean {
  const [height = 0, width = 0, inputs = 0, outputs = 0] = kernel.shape;
  if (height * width === 1) return stride > 1 && inputs < AVX2_LANES;
  return (dy.shape[1] ?? 0) * (dy.shape[2] ?? 0) <= FEW_POSITIONS && inputs * outputs >= LARGE_KERNEL;
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
    throw new Error(`conv2d: images [${x.shape}] (B, H, W, C) do not match a kernel [${kernel.shape}] (h, w, C, O)`);
  // TensorFlow's own explicit padding is fast forwards only: its gradients miss oneDNN.
  const same = stride === 1 && kernel.shape.slice(0, 2).every((size) => size === 2 * padding + 1);
  const given = attributes(stride, same ? 'SAME' : 'VALID');
  return withGradient(
    { x: same ? x : padded(x, kernel, stride, padding), kernel },
    (inputs) => ({ value: op('Conv2D', given, [inputs.x, inputs.kernel]), saved: inputs }),
    (dy, { x, kernel }) => ({
      x: op('Conv2DBackpropInput', given, [shapeOf(x), kernel, dy]),
      kernel: usesProducts(kernel, dy, stride)
        ? kernelGradientByPosition(
            same
              ? tf.pad(x, [
                  [0, 0],
                  [padding, padding],
                  [padding, padding],
                  [0, 0],
                ])
              : x,
            kernel,
            dy,
            stride,
          )
        : op('Conv2DBackpropFilter', given, [x, shapeOf(kernel), dy]),
    }),
  );
}
