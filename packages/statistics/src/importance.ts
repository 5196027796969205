/** Which axes of an unbalanced search matter: exploration, not a test. Use the ANOVA for a balanced grid. */
import { normalCdf } from './normal.ts';

type AxisValue = string | number | boolean;

/** An axis of the search. Numbers are counted on a grid of `points` (default 50), in log space with `log`. */
export type SearchAxis =
  | { name: string; kind: 'choice'; choices: readonly AxisValue[] }
  | { name: string; kind: 'number'; low: number; high: number; log?: boolean; points?: number };

/** One evaluated config. An axis that the config does not have is left out. */
export type Trial = { values: Readonly<Record<string, AxisValue>>; result: number };

const POINTS = 50;

/** Weight of the uniform prior kernel. */
const PRIOR = 1;

/** How often each grid point of the axis occurs. @throws RangeError for a value that the axis does not have. */
function countOnGrid(axis: SearchAxis, trials: readonly Trial[]): number[] {
  const counts = Array<number>(axis.kind === 'choice' ? axis.choices.length : (axis.points ?? POINTS)).fill(0);
  for (const { values } of trials) {
    const value = values[axis.name]!;
    let index: number;
    if (axis.kind === 'choice') index = axis.choices.indexOf(value);
    else {
      const scale = axis.log ? Math.log : (x: number) => x;
      const step = (scale(axis.high) - scale(axis.low)) / (counts.length - 1);
      const position = Math.ceil((scale(Number(value)) - scale(axis.low)) / step - 0.5);
      index = Math.min(Math.max(position, 0), counts.length - 1);
    }
    if (!(index >= 0)) throw new RangeError(`axis "${axis.name}" has no value ${JSON.stringify(value)}`);
    counts[index]!++;
  }
  return counts;
}

/** Parzen estimate over the grid of a choice: every observation and the prior are one kernel. */
function choiceDensity(counts: readonly number[]): number[] {
  const kernels = counts.reduce((sum, count) => sum + count, 0) + PRIOR;
  const share = PRIOR / (counts.filter((count) => count > 0).length + 1);
  const rest = 1 + share * counts.length;
  return counts.map((count) => {
    const others = kernels - PRIOR - count;
    return (count * ((1 + share) / rest) + others * (share / rest) + PRIOR / counts.length) / kernels;
  });
}

/**
 * Parzen estimate over a grid of numbers: a normal kernel, cut off at the ends, at each point that occurs, with Scott's bandwidth (Scott,
 * Multivariate Density Estimation, 1992), and a wide one in the middle as the prior.
 */
function numberDensity(counts: readonly number[]): number[] {
  const observed = counts.flatMap((count, x) => (count > 0 ? [{ x, count }] : []));
  const total = observed.reduce((sum, { count }) => sum + count, 0);
  const mean = observed.reduce((sum, { x, count }) => sum + x * count, 0) / total;
  const squares = observed.reduce((sum, { x, count }) => sum + count * (x - mean) ** 2, 0);
  let running = 0;
  const cumulative = observed.map(({ count }) => {
    running += count;
    return running;
  });
  const first = cumulative.findIndex((sum) => sum >= Math.floor(total / 4));
  const third = cumulative.findIndex((sum) => sum > Math.floor((total * 3) / 4));
  const range = observed[third < 0 ? observed.length - 1 : third]!.x - observed[Math.max(first, 0)]!.x;
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  const bandwidth = Math.max(1.059 * Math.min(range / 1.34, deviation) * total ** -0.2, 0.5 / 1.64);

  const high = counts.length - 1;
  const density = Array<number>(counts.length).fill(0);
  for (const { x: centre, count, sigma } of [
    ...observed.map((one) => ({ ...one, sigma: bandwidth })),
    { x: high / 2, count: PRIOR, sigma: high + 1 },
  ]) {
    const below = (edge: number): number => normalCdf((edge - centre) / sigma);
    const mass = below(high + 0.5) - below(-0.5);
    let last = below(-0.5);
    for (let x = 0; x <= high; x++) {
      const next = below(x + 0.5);
      density[x]! += (count / (total + PRIOR)) * ((next - last) / mass);
      last = next;
    }
  }
  return density;
}

/** Pearson divergence of the distribution of the top trials from that of all, on the axis' grid. */
function pearsonDivergence(axis: SearchAxis, top: readonly Trial[], all: readonly Trial[]): number {
  const density = axis.kind === 'choice' ? choiceDensity : numberDensity;
  const [ofTop, ofAll] = [top, all].map((trials) => density(countOnGrid(axis, trials)).map((share) => share + 1e-12));
  return ofAll!.reduce((sum, share, i) => sum + share * (ofTop![i]! / share - 1) ** 2, 0);
}

/**
 * PED-ANOVA: how much each axis decides whether a config is among the best `quantile` of the trials (larger results are better; trials
 * whose result is not finite are left out). Watanabe, Bansal and Hutter, "PED-ANOVA", IJCAI 2023; axes that only some configs have as in
 * "Conditional PED-ANOVA", arXiv 2601.20800. Equals Optuna 5's `PedAnovaImportanceEvaluator`. Not normalised; `topTrials` below
 * 5 is too few (Optuna’s documentation). O(axes × (trials + points²) + trials log trials).
 */
export function pedAnova(
  trials: readonly Trial[],
  axes: readonly SearchAxis[],
  { quantile = 0.1 }: { quantile?: number } = {},
): { importance: Record<string, number>; topTrials: number } {
  const all = trials.filter(({ result }) => Number.isFinite(result));
  const sorted = all.map(({ result }) => result).sort((a, b) => b - a);
  const cutoff = sorted[Math.ceil(quantile * all.length) - 1] ?? Number.POSITIVE_INFINITY;
  const top = all.filter(({ result }) => result >= cutoff);
  const importance = axes.map((axis): [string, number] => {
    const having = (from: readonly Trial[]) => from.filter(({ values }) => axis.name in values);
    const [topHere, allHere] = [having(top), having(all)];
    if (all.length < 2 || topHere.length === 0 || allHere.length < 2) return [axis.name, 0];
    const [alpha, beta] = [topHere.length / top.length, allHere.length / all.length];
    const divergence = pearsonDivergence(axis, topHere, allHere);
    return [axis.name, (alpha ** 2 / beta) * divergence * (top.length / all.length) ** 2];
  });
  return { importance: Object.fromEntries(importance), topTrials: top.length };
}
