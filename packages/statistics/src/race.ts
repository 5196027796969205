/** A race of configs over seeds: which differ from another one by more than noise, after every round. */
import { evidence, evidentT } from './evidence.ts';

/** Degrees of freedom of the pooled variance in a pair's own: enough for power, few enough for configs of unequal spread. */
const PRIOR_FREEDOM = 12;

/** Below so many configs there is little to pool. */
const MIN_POOLED = 4;

/** Variance of one result around config + seed, over the configs of a look. */
export type Pool = { variance: number; freedom: number };

/** A difference of two configs over their common seeds. `half` is half the width of its confidence sequence at the look's level. */
type Contrast = { mean: number; e: number; half: number };

export type RaceLook = {
  /** Row with the largest mean; the first of equals. */
  leader: number;
  means: readonly number[];
  /** Standard deviation of one result around config + seed over the rows; null with one row or one seed. */
  noise: number | null;
  /** What the variances of pairs are moderated with; null with fewer than four rows and no earlier pool: then each pair has its own. */
  pool: Pool | null;
  /** Row `a` minus row `b`, against `threshold`. */
  contrast(a: number, b: number, threshold: number): Contrast;
};

/**
 * One look at a race of `values`, (configs, seeds), larger is better: the two-way model config + seed. The variance of a pair is moderated
 * towards that of all rows: (d₀ 2s² + (n - 1) s²_pair) / (d₀ + n - 1), with d₀ = 12 or the degrees of freedom of s² if fewer (Smyth, "Linear models and
 * empirical Bayes methods", 2004). That the level holds with unequal variances is a simulation, not a theorem (docs/search.md).
 * @param earlier the pool of an earlier look, for a race with few configs left
 */
export function raceLook(values: readonly (readonly number[])[], earlier: Pool | null = null): RaceLook {
  const k = values.length;
  const n = values[0]?.length ?? 0;
  const means = values.map((row) => row.reduce((sum, value) => sum + value, 0) / n);
  const grand = means.reduce((sum, mean) => sum + mean, 0) / k;
  let squares = 0;
  for (let j = 0; j < n; j++) {
    const column = values.reduce((sum, row) => sum + row[j]!, 0) / k;
    for (let i = 0; i < k; i++) squares += (values[i]![j]! - means[i]! - column + grand) ** 2;
  }
  const freedom = (k - 1) * (n - 1);
  const own = freedom > 0 ? { variance: squares / freedom, freedom } : null;
  const pool = k >= MIN_POOLED ? own : earlier;
  const prior = Math.min(PRIOR_FREEDOM, pool?.freedom ?? 0);
  return {
    leader: means.indexOf(Math.max(...means)),
    means,
    noise: own && Math.sqrt(own.variance),
    pool,
    contrast(a, b, threshold) {
      const [of, from] = [values[a]!, values[b]!];
      const mean = means[a]! - means[b]!;
      const degrees = prior + n - 1;
      if (degrees === 0) return { mean, e: 1, half: Number.POSITIVE_INFINITY };
      let apart = 0;
      for (let j = 0; j < n; j++) apart += (of[j]! - from[j]! - mean) ** 2;
      const deviation = Math.sqrt((prior * 2 * (pool?.variance ?? 0) + apart) / degrees / n);
      const t = mean === 0 ? 0 : mean / deviation;
      return {
        mean,
        e: evidence({ t, n, freedom: degrees }),
        half: evidentT({ n, freedom: degrees }, threshold) * deviation,
      };
    },
  };
}
