/** Attention rollout: Abnar & Zuidema 2020 (arXiv:2005.00928). */
import { fuseHeads, type HeadFusion } from './attention.ts';
import { type Float, float } from './tensor.ts';

/** Output tokens to follow back: the class token, the mean of all, or each. */
type RolloutQuery = 'cls' | 'mean' | 'all';

export type RolloutOptions = {
  fusion: HeadFusion;
  /** Share of each fused map's entries that are set to 0, the lowest first; the first token's attention to itself is kept. */
  discard: number;
  query: RolloutQuery;
};

/** Set the lowest entries of a (T, T) map to 0, of equal ones the first; entry 0 is kept, as in vit-explain. */
function discardLowest(map: Float32Array, share: number): void {
  const count = Math.floor(map.length * share);
  if (count === 0) return;
  const highest = map.slice().sort()[count - 1] ?? 0;
  let equals = count - map.reduce((below, value) => below + (value < highest ? 1 : 0), 0);
  for (const [at, value] of map.entries()) {
    const lowest = value < highest || (value === highest && equals-- > 0);
    if (lowest && at !== 0) map[at] = 0;
  }
}

/** 0.5 A + 0.5 I with every row divided by its sum, in double precision. */
function withResidual(map: Float32Array, tokens: number): Float64Array {
  const out = new Float64Array(map.length);
  for (let row = 0; row < tokens; row++) {
    let sum = 0;
    for (let column = 0; column < tokens; column++) {
      const value = 0.5 * Math.max(0, map[row * tokens + column] ?? 0) + (row === column ? 0.5 : 0);
      out[row * tokens + column] = value;
      sum += value;
    }
    for (let column = 0; column < tokens; column++) {
      const at = row * tokens + column;
      out[at] = (out[at] ?? 0) / sum;
    }
  }
  return out;
}

/** (Q, T) · (T, T) -> (Q, T). */
function multiply(a: Float64Array, b: Float64Array, tokens: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let row = 0; row * tokens < a.length; row++)
    for (let middle = 0; middle < tokens; middle++) {
      const factor = a[row * tokens + middle] ?? 0;
      if (factor === 0) continue;
      for (let column = 0; column < tokens; column++) {
        const at = row * tokens + column;
        out[at] = (out[at] ?? 0) + factor * (b[middle * tokens + column] ?? 0);
      }
    }
  return out;
}

/** The queries as a matrix (Q, T) to multiply from the left. */
const queries: Record<RolloutQuery, (tokens: number) => Float64Array> = {
  cls: (tokens) => new Float64Array(tokens).fill(1, 0, 1),
  mean: (tokens) => new Float64Array(tokens).fill(1 / tokens),
  all: (tokens) => new Float64Array(tokens * tokens).map((_, at) => (at % (tokens + 1) === 0 ? 1 : 0)),
};

/**
 * How much of each input token reaches the output: maps of all layers, first to last, each (N, H, T, T) -> (N, Q, T), rows
 * summing to 1. Layers multiply as A_L · … · A_1. The negative entries of signed maps count as 0.
 * Unlike vit-explain, whose division lacks `keepdim`, rows are normalised, and batches of any size work.
 */
export function rollout(maps: readonly Float[], { fusion, discard, query }: RolloutOptions): Float {
  const [first] = maps;
  if (!first) throw new Error('rollout needs the attention maps of at least one layer');
  if (!(discard >= 0 && discard < 1)) throw new Error(`discard must be at least 0 and less than 1, not ${discard}`);
  const [images = 0, , tokens = 0, across = 0] = first.shape;
  if (tokens !== across) throw new Error('rollout needs self-attention: maps from all tokens to all tokens');
  const fused = maps.map((layer) => fuseHeads(layer, fusion)).reverse();
  const rows = queries[query](tokens).length / tokens;
  const out = new Float32Array(images * rows * tokens);
  for (let image = 0; image < images; image++) {
    let rolled = queries[query](tokens);
    for (const layer of fused) {
      const map = layer.data.slice(image * tokens * tokens, (image + 1) * tokens * tokens);
      discardLowest(map, discard);
      rolled = multiply(rolled, withResidual(map, tokens), tokens);
    }
    out.set(rolled, image * rows * tokens);
  }
  return float([images, rows, tokens], out);
}
