/** Similarity of vectors of positions. */
import { type Float, float } from './tensor.ts';

export type Measure = 'dot' | 'cosine';

/** Similarity of each row of a table to every row: (P, D) -> (P, P). ViT's figure 7 shows the cosine. */
export function similarity({ shape, data }: Float, measure: Measure): Float {
  const [positions = 0, width = 0] = shape;
  const norms = Array.from({ length: positions }, (_, position) =>
    measure === 'dot' ? 1 : Math.hypot(...data.subarray(position * width, (position + 1) * width)) || 1,
  );
  const out = new Float32Array(positions * positions);
  for (let a = 0; a < positions; a++)
    for (let b = a; b < positions; b++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += (data[a * width + i] ?? 0) * (data[b * width + i] ?? 0);
      const value = sum / ((norms[a] ?? 1) * (norms[b] ?? 1));
      out[a * positions + b] = value;
      out[b * positions + a] = value;
    }
  return float([positions, positions], out);
}
