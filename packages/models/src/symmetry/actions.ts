/** Transformations of images (B, H, W, C) and tokens (B, T, D): cyclic shifts, and permutations of patches or tokens. */
import { tf } from '@ablate/engine';

/** Cyclic shift along one axis. */
function rollAxis(x: tf.Tensor, axis: number, by: number): tf.Tensor {
  const size = x.shape[axis] ?? 1;
  const shift = ((by % size) + size) % size;
  if (shift === 0) return x;
  const begin = (start: number): number[] => x.shape.map((_, i) => (i === axis ? start : 0));
  const extent = (length: number): number[] => x.shape.map((side, i) => (i === axis ? length : side));
  const last = tf.slice(x, begin(size - shift), extent(shift));
  return tf.concat([last, tf.slice(x, begin(0), extent(size - shift))], axis);
}

/** Images shifted by `down` and `right` pixels, around the border. */
export const rolled = (images: tf.Tensor, [down, right]: readonly [number, number]): tf.Tensor =>
  rollAxis(rollAxis(images, 1, down), 2, right);

/** Images mirrored left to right. */
export const flipped = (images: tf.Tensor): tf.Tensor => tf.reverse(images, 2);

/** Borders repeated from the other side: (B, H, W, C) -> (B, H + 2p, W + 2p, C). */
export function circularPadding(x: tf.Tensor, padding: number): tf.Tensor {
  const wrap = (y: tf.Tensor, axis: number): tf.Tensor => {
    const size = y.shape[axis] ?? 1;
    const part = (start: number): tf.Tensor =>
      tf.slice(
        y,
        y.shape.map((_, i) => (i === axis ? start : 0)),
        y.shape.map((side, i) => (i === axis ? padding : side)),
      );
    return tf.concat([part(size - padding), y, part(0)], axis);
  };
  return padding === 0 ? x : wrap(wrap(x, 1), 2);
}

/** A permutation of 0…n-1: steps of a fixed stride that shares no factor with n. */
export function permutation(count: number): number[] {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  let stride = Math.max(1, Math.floor(count * 0.618));
  while (gcd(stride, count) !== 1) stride++;
  return Array.from({ length: count }, (_, index) => (index * stride + 1) % count);
}

/** Tokens in a different order; the first `prefix` stay. */
export function permutedTokens(x: tf.Tensor, order: readonly number[], prefix = 0): tf.Tensor {
  const indices = [...Array.from({ length: prefix }, (_, i) => i), ...order.map((index) => index + prefix)];
  return tf.gather(x, tf.tensor1d(indices, 'int32'), 1);
}

/** Patches of images in a different order, each unchanged. */
export function permutedPatches(images: tf.Tensor, patch: number, order: readonly number[]): tf.Tensor {
  const [batch = 0, height = 0, width = 0, channels = 0] = images.shape;
  const [rows, columns] = [height / patch, width / patch];
  const patches = tf
    .transpose(tf.reshape(images, [batch, rows, patch, columns, patch, channels]), [0, 1, 3, 2, 4, 5])
    .reshape([batch, rows * columns, patch * patch * channels]);
  return permutedTokens(patches, order)
    .reshape([batch, rows, columns, patch, patch, channels])
    .transpose([0, 1, 3, 2, 4, 5])
    .reshape(images.shape);
}
