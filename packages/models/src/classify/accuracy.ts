/** Top-1 and top-5 accuracy. */
import type { Float } from '../inspect/tensor.ts';

/** The number of higher logits; of equal logits the earlier class counts as higher. */
export function rankOf(logits: Float32Array, label: number): number {
  const own = logits[label] ?? Number.NEGATIVE_INFINITY;
  return logits.reduce((rank, value, at) => rank + (value > own || (value === own && at < label) ? 1 : 0), 0);
}

/** Numbers of images: all, those whose label ranks first, and those whose label is among the first five. */
export type Hits = { images: number; top1: number; top5: number };
/** `top1` and `top5` are shares between 0 and 1; 0 without images. */
export type Accuracy = Hits;

export const NO_HITS: Hits = { images: 0, top1: 0, top5: 0 };

/** The hits among images (N, K) that share a label. */
export function countHits({ shape, data }: Float, label: number): Hits {
  const [images = 0, classes = 0] = shape;
  const ranks = Array.from({ length: images }, (_, i) => rankOf(data.subarray(i * classes, (i + 1) * classes), label));
  return { images, top1: ranks.filter((rank) => rank < 1).length, top5: ranks.filter((rank) => rank < 5).length };
}

export const addHits = (a: Hits, b: Hits): Hits => ({
  images: a.images + b.images,
  top1: a.top1 + b.top1,
  top5: a.top5 + b.top5,
});

export function accuracyOf({ images, top1, top5 }: Hits): Accuracy {
  const share = (hits: number): number => (images === 0 ? 0 : hits / images);
  return { images, top1: share(top1), top5: share(top5) };
}
