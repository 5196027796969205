/**
 * The verdict of a sweep: which configs differ from the baseline by more than noise.
 *
 * A config is better or worse only if three tests agree, each at level `alpha`:
 * 1. its own paired t interval excludes 0 (paired by seed, its own spread);
 * 2. its difference is significant with the variance pooled over the sweep's configs (two-way model, config + seed), by Holm over the
 *    sweep's comparisons;
 * 3. so it is with the variances of the two configs compared instead of the pooled one, by Holm.
 * The first keeps a config with an unusual spread from borrowing its neighbours', the second has the power that few seeds lack, the third
 * holds when the baseline, which is in every comparison, is noisier than the rest.
 */
import { expectedMaximum } from './best.ts';
import { equivalenceP } from './equivalence.ts';
import { type Estimate, estimate, standardDeviation } from './estimate.ts';
import { fisherSurvival } from './fisher.ts';
import { holm } from './holm.ts';
import { type DifferenceTest, differenceTest, pairedDifferences, pairedTest } from './paired.ts';
import { detectableEffect, detectableInSweep, seedsNeeded } from './power.ts';
import { type Disagreement, IMPLAUSIBLE, spreadProbability } from './test-set-noise.ts';
import { type Cell, fitTwoWay, type TwoWayFit } from './two-way.ts';

export type Verdict = 'baseline' | 'better' | 'worse' | 'equivalent' | 'noise' | 'no-noise-estimate' | 'no-result';

/** The verdicts in words. None claims that there is no difference. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  baseline: 'baseline',
  better: 'better',
  worse: 'worse',
  equivalent: 'same within the margin',
  noise: 'cannot be told from noise',
  'no-noise-estimate': 'no estimate of noise',
  'no-result': 'no result',
};

/** One run: null, or a value that is not finite, for a run without a result. */
export type SweepResult = { config: string; seed: number; value: number | null };

export type VerdictOptions = {
  baseline: string;
  /** Differences within ± margin do not matter; in the unit of the values. Without it, nothing is called equivalent. */
  margin?: number;
  /** Level of every test and interval. */
  alpha?: number;
  /** Probability with which `detectable` differences are found. */
  power?: number;
  /** By config: images on which it and the baseline disagree. Values must then be shares. */
  disagreements?: ReadonlyMap<string, Disagreement>;
};

/** A test whose p is corrected for the number of comparisons. */
type AdjustedTest = DifferenceTest & { adjusted: number };

/** What it takes to decide a row that cannot be told from noise. */
type Undecided = {
  /** Smallest true difference that the seeds at hand would show with probability `power`; null if none. */
  detectable: number | null;
  /** Seeds in total that would show the difference observed, or one of the size of the margin; null above 1,000. */
  seeds: { observed: number | null; margin: number | null };
};

type VerdictRow = {
  config: string;
  verdict: Verdict;
  estimate: Estimate | null;
  /** Runs without a result. */
  missing: number;
  /** Seeds that both this config and the baseline have, and the standard deviation of their differences. */
  pairs: { n: number; sd: number | null } | null;
  /** 1: by the config's own differences. */
  paired: DifferenceTest | null;
  /** 2: with the variance pooled over the sweep; the paired test where the config's spread stands out. */
  pooled: AdjustedTest | null;
  /** 3: with the variances of the two configs. Null with two configs, and where the config's spread stands out: the paired test suffices. */
  guarded: AdjustedTest | null;
  /** The config's spread is so much larger than the others' that it is left out of the pool. */
  standsOut: boolean;
  /** Two one-sided tests that the difference is within the margin: the largest p of the tests above. */
  equivalence: { margin: number; p: number } | null;
  undecided: Undecided | null;
  /** Probability of so small a spread of the differences, if the discordant images decide by chance, where it is implausible. */
  implausible: { probability: number } | null;
};

export type SweepVerdict = {
  rows: VerdictRow[];
  /** Comparisons that Holm's correction counts. */
  comparisons: number;
  /** Residual of the two-way model: standard deviation of one result around config + seed. */
  noise: { sd: number; freedom: number } | null;
  /** By how much the best of as many equal configs would lead their mean, by luck. */
  luck: number | null;
};

/** A spread stands out below this p of its F test, divided by the number of configs. */
const STANDS_OUT = 0.0001;

/** Others whose variance is below this share of a config's agree to the last image, by chance: they estimate no noise. */
const AGREEMENT = 1e-9;

/** A residual variance below this share of the values' squares is rounding. */
const ROUNDING = 1e-24;

type ApartVariance = { freedom: number; apart: number; own: number; others: number; othersFreedom: number };

/**
 * Variance of one config around the seed effects that the others give, its degrees of freedom, and the pooled variance of the others (Grubbs,
 * "On estimating precision of measuring instruments", 1948). Exact without missing cells, approximate with them.
 */
function varianceApart(fit: TwoWayFit, config: number, configs: number): ApartVariance {
  const freedom = fit.counts[config]! - 1;
  const squares = fit.residualSquares[config]! * (configs / (configs - 1));
  const apart = (squares * (configs / (configs - 1))) / freedom;
  const othersFreedom = fit.freedom - freedom;
  const others = Math.max(0, fit.variance * fit.freedom - squares) / othersFreedom;
  return { freedom, apart, own: Math.max(0, apart - others / (configs - 1)), others, othersFreedom };
}

/** Degrees of freedom of the others' variance that steady the baseline's own, once it has two itself, and a config's own. */
const PRIOR = { baseline: 1, config: 4 };

/**
 * t test of a mean difference over `pairs` seeds without equal variances: the baseline's own and, where it is larger than the others', the
 * config's own, both steadied towards the others' (Smyth 2004), with Satterthwaite's degrees of freedom (1946). Null without a variance.
 */
function unequalTest(mean: number, pairs: number, baseline: ApartVariance, config: ApartVariance, alpha: number) {
  const steadied = (of: ApartVariance, prior: number) => ({
    variance: (prior * of.others + of.freedom * of.own) / (prior + of.freedom),
    freedom: prior + of.freedom,
  });
  const others = { variance: baseline.others, freedom: baseline.othersFreedom };
  const ofBaseline = steadied(baseline, baseline.freedom > 1 ? PRIOR.baseline : 0);
  const own = steadied(config, PRIOR.config);
  const ofConfig = own.variance > others.variance ? own : others;
  const sum = ofBaseline.variance + ofConfig.variance;
  if (!(others.freedom > 0 && sum > 0)) return null;
  const freedom =
    sum ** 2 / (ofBaseline.variance ** 2 / ofBaseline.freedom + ofConfig.variance ** 2 / ofConfig.freedom);
  return differenceTest({ mean, se: Math.sqrt(sum / pairs), freedom }, alpha);
}

/** The rows' indices, seeds and values, checked. @throws RangeError for two runs of one config and seed. */
function gather(results: readonly SweepResult[]) {
  const configs = new Map<string, { values: Map<number, number>; seeds: Set<number> }>();
  for (const { config, seed, value } of results) {
    const row = configs.get(config) ?? { values: new Map<number, number>(), seeds: new Set<number>() };
    configs.set(config, row);
    if (row.seeds.has(seed)) throw new RangeError(`duplicate run: config "${config}" has seed ${seed} twice`);
    row.seeds.add(seed);
    if (value !== null && Number.isFinite(value)) row.values.set(seed, value);
  }
  return [...configs].map(([config, { values, seeds }]) => ({ config, values, missing: seeds.size - values.size }));
}

/**
 * The two-way fit, without the configs whose spread stands out: a config with one diverged seed would make everything else noise. The
 * baseline always stays. Five passes at most.
 */
function pool(rows: readonly { values: ReadonlyMap<number, number> }[], reference: number) {
  const column = new Map([...new Set(rows.flatMap(({ values }) => [...values.keys()]))].map((seed, j) => [seed, j]));
  const standOuts = new Set<number>();
  for (let pass = 0; ; pass++) {
    const cells = rows.flatMap(({ values }, config): Cell[] =>
      standOuts.has(config) ? [] : [...values].map(([seed, value]) => ({ config, seed: column.get(seed)!, value })),
    );
    const fit = fitTwoWay(cells, { configs: rows.length, seeds: column.size, reference });
    const within = rows.flatMap((_, i) => (fit.linked(i) && fit.counts[i]! > 0 && !standOuts.has(i) ? [i] : []));
    const found = within.filter((i) => {
      if (i === reference || fit.counts[i]! < 2 || within.length < 3) return false;
      const { apart, freedom, others, othersFreedom } = varianceApart(fit, i, within.length);
      if (!(othersFreedom > 0) || others < AGREEMENT * apart) return false;
      const ratio = (apart * (within.length - 1)) / within.length / others;
      return fisherSurvival(ratio, freedom, othersFreedom) * within.length < STANDS_OUT;
    });
    if (found.length === 0 || pass === 5) return { fit, within, standOuts };
    for (const i of found) standOuts.add(i);
  }
}

/**
 * Compare every config with the baseline. Rows come in the order in which configs first appear. O(results + incomplete configs × seeds² + seeds³).
 *
 * At least one false "better" or "worse" appears in 1 to 3 % of tables without any difference, in up to 5 % where one config is three times
 * noisier than the rest, in up to 6 % where the baseline is (docs/statistics.md, test/statistics/verdict-rate.test.ts).
 *
 * @throws RangeError for an unknown baseline, and for two runs of one config and seed.
 */
export function sweepVerdict(
  results: readonly SweepResult[],
  { baseline, margin, alpha = 0.05, power = 0.8, disagreements }: VerdictOptions,
): SweepVerdict {
  const rows = gather(results);
  const reference = rows.findIndex(({ config }) => config === baseline);
  if (reference < 0) throw new RangeError(`unknown baseline "${baseline}": no run has this config`);
  const { fit, within, standOuts } = pool(rows, reference);
  const base = rows[reference]!.values;
  const largest = rows.reduce(
    (max, { values }) => [...values.values()].reduce((m, v) => Math.max(m, Math.abs(v)), max),
    0,
  );
  const variance = fit.variance > ROUNDING * largest ** 2 ? fit.variance : Number.NaN;
  const baseVariance =
    within.length > 2 && fit.counts[reference]! > 1 ? varianceApart(fit, reference, within.length) : null;

  const compared = rows.map(({ values }, i) => {
    const differences = i === reference ? [] : pairedDifferences(values, base);
    const paired = pairedTest(differences, alpha);
    const standsOut = standOuts.has(i);
    const sd = differences.length > 1 ? standardDeviation(differences) : null;
    if (!paired || (!sd && standsOut)) return { differences, sd, paired, pooled: null, guarded: null, standsOut };
    if (standsOut) return { differences, sd, paired, pooled: paired, guarded: null, standsOut };
    if (Number.isNaN(variance)) return { differences, sd, paired, pooled: null, guarded: null, standsOut };
    const { mean, factor } = fit.difference(i, reference);
    const pooled = differenceTest({ mean, se: Math.sqrt(variance * factor), freedom: fit.freedom }, alpha);
    const guarded =
      baseVariance && fit.counts[i]! > 1
        ? unequalTest(paired.mean, differences.length, baseVariance, varianceApart(fit, i, within.length), alpha)
        : null;
    return { differences, sd, paired, pooled, guarded, standsOut };
  });
  const pooledP = holm(compared.map(({ pooled }) => pooled?.p ?? Number.NaN));
  const guardedP = holm(compared.map(({ pooled, guarded }) => (guarded ?? pooled)?.p ?? Number.NaN));
  const comparisons = compared.filter(({ pooled }) => pooled).length;

  const pooledDeviation = Math.sqrt(2 * variance);
  const level = alpha / Math.max(1, comparisons); // of Holm's first step
  const shown = new Map<number, number>();
  /** Difference that n seeds would show with the pooled variance, by the weaker of the first two tests. */
  const detectable = (n: number): number => {
    const found =
      shown.get(n) ?? pooledDeviation * detectableInSweep({ n, configs: within.length, comparisons, alpha, power });
    shown.set(n, found);
    return found;
  };

  const judged = rows.map(({ config, values, missing }, i): VerdictRow => {
    const { differences, sd, paired, pooled, guarded, standsOut } = compared[i]!;
    const tests = [paired, pooled, guarded].filter((test) => test !== null);
    const sign = Math.sign(paired?.mean ?? 0);
    const differs =
      paired !== null &&
      pooled !== null &&
      sign !== 0 &&
      paired.p < alpha &&
      pooledP[i]! < alpha &&
      guardedP[i]! < alpha &&
      Math.sign(pooled.mean) === sign;
    const equivalence =
      pooled && margin !== undefined
        ? { margin, p: Math.max(...tests.map((test) => equivalenceP(test, margin))) }
        : null;
    const verdict: Verdict =
      i === reference
        ? 'baseline'
        : differences.length === 0
          ? 'no-result'
          : !pooled
            ? 'no-noise-estimate'
            : differs
              ? sign > 0
                ? 'better'
                : 'worse'
              : equivalence && equivalence.p < alpha
                ? 'equivalent'
                : 'noise';
    const shows =
      standsOut && sd !== null ? (n: number) => sd * detectableEffect({ n, alpha: level, power }) : detectable;
    const disagreement = disagreements?.get(config);
    const probability =
      sd !== null && disagreement ? spreadProbability({ sd, n: differences.length }, disagreement) : Number.NaN;
    return {
      config,
      verdict,
      estimate: estimate([...values.values()]),
      missing,
      pairs: i === reference ? null : { n: differences.length, sd },
      paired,
      pooled: pooled && { ...pooled, adjusted: pooledP[i]! },
      guarded: guarded && { ...guarded, adjusted: guardedP[i]! },
      standsOut,
      equivalence,
      undecided:
        verdict === 'noise' && paired
          ? {
              detectable: shows(differences.length),
              seeds: {
                observed: seedsNeeded(Math.abs(paired.mean), shows),
                margin: margin === undefined ? null : seedsNeeded(margin, shows),
              },
            }
          : null,
      implausible: probability < IMPLAUSIBLE ? { probability } : null,
    };
  });

  const seeds = within.length > 0 ? within.length / within.reduce((sum, i) => sum + 1 / fit.counts[i]!, 0) : 0;
  return {
    rows: judged,
    comparisons,
    noise: Number.isNaN(variance) ? null : { sd: Math.sqrt(variance), freedom: fit.freedom },
    luck: Number.isNaN(variance) ? null : expectedMaximum(within.length) * Math.sqrt(variance / seeds),
  };
}
