/** How alike the vectors of two places are. */
import { type Float, float } from './tensor.ts';

export type Measure = 'dot' | 'cosine';

/** Similarity of each row of a table to each other: (P, D) -> (P, P). ViT's figure 7 shows the cosine. */
export function similarity({ shape, data }: Float, measure: Measure): Float {
  const [places = 0, width = 0] = shape;
  const norms = Array.from({ length: places }, (_, place) =>
    measure === 'dot' ? 1 : Math.hypot(...data.subarray(place * width, (place + 1) * width)) || 1,
  );
  const out = new Float32Array(places * places);
  for (let a = 0; a < places; a++)
    for (let b = a; b < places; b++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += (data[a * width + i] ?? 0) * (data[b * width + i] ?? 0);
      const value = sum / ((norms[a] ?? 1) * (norms[b] ?? 1));
      out[a * places + b] = value;
      out[b * places + a] = value;
    }
  return float([places, places], out);
}
