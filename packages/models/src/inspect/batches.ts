/** Parts of a set of images. */
import { type Float, float } from './tensor.ts';

/** Views of (N, S, S, 3), of `size` images at most. */
export function* batchesOf({ shape, data }: Float, size: number): Generator<Float> {
  const [images = 0, ...rest] = shape;
  const each = data.length / Math.max(1, images);
  for (let from = 0; from < images; from += size) {
    const count = Math.min(size, images - from);
    yield float([count, ...rest], data.subarray(from * each, (from + count) * each));
  }
}
