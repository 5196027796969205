/** Reductions of attention maps (N, H, Q, T): over heads, to one query, to patches. */
import { type Float, float, shapeOfFour } from './tensor.ts';

/** How heads become one. ViT's appendix D.8 takes the mean. */
const HEAD_FUSIONS = {
  mean: (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length,
  max: (values: readonly number[]) => Math.max(...values),
  min: (values: readonly number[]) => Math.min(...values),
} as const;
export type HeadFusion = keyof typeof HEAD_FUSIONS;

/** All heads as one: (N, H, Q, T) -> (N, Q, T). */
export function fuseHeads(maps: Float, fusion: HeadFusion): Float {
  const [images, heads, queries, tokens] = shapeOfFour(maps, 'attention maps');
  const fuse = HEAD_FUSIONS[fusion];
  const size = queries * tokens;
  const out = new Float32Array(images * size);
  const values: number[] = new Array(heads);
  for (let image = 0; image < images; image++)
    for (let at = 0; at < size; at++) {
      for (let head = 0; head < heads; head++) values[head] = maps.data[(image * heads + head) * size + at] ?? 0;
      out[image * size + at] = fuse(values);
    }
  return float([images, queries, tokens], out);
}

/**
 * Attention to each patch: (N, H, Q, T) -> (N, H, P). With a class token, its row without its own column, P = T - 1; without one,
 * the mean over all queries, P = T.
 */
export function patchAttention(maps: Float, { cls }: { cls: boolean }): Float {
  const [images, heads, queries, tokens] = shapeOfFour(maps, 'attention maps');
  const patches = cls ? tokens - 1 : tokens;
  const rows = cls ? 1 : queries;
  const out = new Float32Array(images * heads * patches);
  for (let map = 0; map < images * heads; map++)
    for (let row = 0; row < rows; row++)
      for (let patch = 0; patch < patches; patch++) {
        const from = (map * queries + row) * tokens + patch + (tokens - patches);
        out[map * patches + patch] = (out[map * patches + patch] ?? 0) + (maps.data[from] ?? 0) / rows;
      }
  return float([images, heads, patches], out);
}

/**
 * The patches that hold `mass` of each map, largest first: (…, P) -> the same shape, 1 where a patch belongs to them. DINO's
 * visualize_attention.py: sorted ascending, summed up, kept where the sum is above 1 - mass.
 * @throws Error on negative values: a signed map has no mass.
 */
export function massMask(attention: Float, mass: number): Float {
  const patches = attention.shape.at(-1) ?? 0;
  const out = new Float32Array(attention.data.length);
  for (let start = 0; start < out.length; start += patches) {
    const row = attention.data.subarray(start, start + patches);
    if (row.some((value) => value < 0)) throw new Error('a signed attention map has no mass to threshold');
    const total = row.reduce((a, b) => a + b, 0);
    const order = Array.from(row.keys()).sort((a, b) => (row[a] ?? 0) - (row[b] ?? 0));
    let sum = 0;
    for (const patch of order) {
      sum += (row[patch] ?? 0) / total;
      if (sum > 1 - mass) out[start + patch] = 1;
    }
  }
  return float([...attention.shape], out);
}
