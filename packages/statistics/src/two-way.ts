/** The additive model of a sweep: result = config + seed + noise. */

/** One result; `config` and `seed` are indices from 0. */
export type Cell = { config: number; seed: number; value: number };

export type TwoWayFit = {
  /** Variance of a single result around config + seed; NaN without degrees of freedom. */
  variance: number;
  freedom: number;
  /** Sum of squared residuals of each config. */
  residualSquares: Float64Array;
  /** Results of each config. */
  counts: Int32Array;
  /** Whether the config is linked to `reference` through common seeds, so that the two can be compared. */
  linked: (config: number) => boolean;
  /** Least-squares difference of a config from another, and the variance of that estimate in units of `variance`. */
  difference: (config: number, from: number) => { mean: number; factor: number };
};

/** Symmetric positive definite A of size n by n, in place, to its inverse (Gauss-Jordan without pivoting). */
function invert(a: Float64Array, n: number): void {
  for (let k = 0; k < n; k++) {
    const pivot = a[k * n + k]!;
    a[k * n + k] = 1;
    for (let j = 0; j < n; j++) a[k * n + j]! /= pivot;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = a[i * n + k]!;
      a[i * n + k] = 0;
      for (let j = 0; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
    }
  }
}

/** Configs and seeds that `reference` reaches through common results. */
function reach(cells: readonly Cell[], configs: number, seeds: number, reference: number) {
  const ofConfig: number[][] = Array.from({ length: configs }, () => []);
  const ofSeed: number[][] = Array.from({ length: seeds }, () => []);
  for (const { config, seed } of cells) {
    ofConfig[config]!.push(seed);
    ofSeed[seed]!.push(config);
  }
  const reached = { configs: new Set([reference]), seeds: new Set<number>() };
  for (const config of reached.configs)
    for (const seed of ofConfig[config]!) {
      if (reached.seeds.has(seed)) continue;
      reached.seeds.add(seed);
      for (const next of ofSeed[seed]!) reached.configs.add(next);
    }
  return reached;
}

/**
 * Least squares on the two-way additive model (randomised blocks, seeds as blocks), with any cells missing; at most one result a cell.
 * Only what is linked to `reference` through common seeds is fitted. Searle, Linear Models for Unbalanced Data, chapter 4: config effects are
 * eliminated, which leaves one equation a seed. O(cells + incomplete configs × seeds² + seeds³).
 */
export function fitTwoWay(
  all: readonly Cell[],
  { configs, seeds, reference }: { configs: number; seeds: number; reference: number },
): TwoWayFit {
  const reached = reach(all, configs, seeds, reference);
  const cells = all.filter(({ config }) => reached.configs.has(config));
  const column = new Map([...reached.seeds].map((seed, j) => [seed, j]));
  const n = column.size;
  const counts = new Int32Array(configs);
  const means = new Float64Array(configs);
  const present: number[][] = Array.from({ length: configs }, () => []);
  for (const { config, seed, value } of cells) {
    counts[config]!++;
    means[config]! += value;
    present[config]!.push(column.get(seed)!);
  }
  for (let i = 0; i < configs; i++) means[i]! /= counts[i]!;

  // B seed = q, with one row and column a seed: B = diag(results of the seed) - Σ presence presence' / count.
  const inverse = new Float64Array(n * n).fill(1); // 11' added: the seed effects sum to 0
  const q = new Float64Array(n);
  let complete = 0;
  for (let i = 0; i < configs; i++) {
    if (counts[i] === n) complete++;
    else for (const j of present[i]!) for (const l of present[i]!) inverse[j * n + l]! -= 1 / counts[i]!;
  }
  for (let at = 0; at < n * n; at++) inverse[at]! -= complete / n;
  for (const { config, seed, value } of cells) {
    const j = column.get(seed)!;
    inverse[j * n + j]! += 1;
    q[j]! += value - means[config]!;
  }
  invert(inverse, n);
  const row = (j: number) => inverse.subarray(j * n, (j + 1) * n);
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, j) => sum + value * b[j]!, 0);
  const seedEffects = Float64Array.from(q, (_, j) => dot(row(j), q));
  const shift = (config: number): number =>
    present[config]!.reduce((sum, j) => sum + seedEffects[j]!, 0) / counts[config]!;
  const effects = means.map((value, i) => value - shift(i));

  const residualSquares = new Float64Array(configs);
  let total = 0;
  for (const { config, seed, value } of cells) {
    const residual = value - effects[config]! - seedEffects[column.get(seed)!]!;
    residualSquares[config]! += residual * residual;
    total += residual * residual;
  }
  const freedom = Math.max(0, cells.length - reached.configs.size - n + 1);

  return {
    variance: freedom > 0 ? total / freedom : Number.NaN,
    freedom,
    residualSquares,
    counts,
    linked: (config) => reached.configs.has(config),
    difference: (config, from) => {
      let factor = 1 / counts[config]! + 1 / counts[from]!;
      if (counts[config] !== n || counts[from] !== n) {
        const shares = new Float64Array(n);
        for (const j of present[config]!) shares[j]! += 1 / counts[config]!;
        for (const j of present[from]!) shares[j]! -= 1 / counts[from]!;
        factor += shares.reduce((sum, share, j) => sum + (share === 0 ? 0 : share * dot(row(j), shares)), 0);
      }
      return { mean: effects[config]! - effects[from]!, factor };
    },
  };
}
