/** Configs against the baseline, and any two configs against each other. */
import type { AnswerMetric, ComparisonView, IntervalView } from '@ablate/contracts';
import {
  holm,
  pairedDifferences,
  pairedTest,
  type SweepResult,
  studentTwoSided,
  sweepVerdict,
} from '@ablate/statistics';
import type { Disagreements, Values } from './input.ts';

const ALPHA = 0.05;

/** 1 if higher is better, -1 if lower is: statistics judge value × direction. */
export type Direction = 1 | -1;

export const directionOf = (metric: AnswerMetric): Direction => (metric === 'loss' ? -1 : 1);

/** A figure for JSON: null if it is not finite. */
export const finite = (value: number | null | undefined): number | null =>
  value !== null && value !== undefined && Number.isFinite(value) ? value : null;

type Test = { mean: number; half: number; p: number };

/** A test as the answer shows it, in the unit of the values; null if its interval is not finite. */
export function intervalView(test: Test | null, direction: Direction, adjusted: number | null): IntervalView | null {
  if (test === null || !Number.isFinite(test.half) || Number.isNaN(test.p)) return null;
  const mean = direction * test.mean;
  return { low: mean - test.half, high: mean + test.half, p: test.p, adjusted: finite(adjusted) };
}

export type Compared = {
  /** Null for the baseline. */
  comparisons: ReadonlyMap<string, ComparisonView>;
  noise: { sd: number; freedom: number } | null;
  luck: number | null;
};

type CompareOptions = {
  baseline: string;
  /** Seeds that the sweep plans for each config. */
  planned: number;
  direction: Direction;
  margin: number | null;
  disagreements?: Disagreements;
};

/** The difference over a single common seed, which has no test; null without one. */
function onlyDifference(
  values: ReadonlyMap<number, number> = new Map(),
  baseline: ReadonlyMap<number, number> = new Map(),
) {
  const [difference] = pairedDifferences(values, baseline);
  return difference ?? null;
}

/** Every config against the baseline, by `sweepVerdict`. */
export function compareConfigs(
  ids: readonly string[],
  values: Values,
  { baseline, planned, direction, margin, disagreements }: CompareOptions,
): Compared {
  const results = ids.flatMap((config): SweepResult[] => {
    const found = values.get(config);
    if (!found || found.size === 0) return [{ config, seed: -1, value: null }];
    return [...found].map(([seed, value]) => ({ config, seed, value: direction * value }));
  });
  const { rows, noise, luck } = sweepVerdict(results, {
    baseline,
    alpha: ALPHA,
    ...(margin === null ? {} : { margin }),
    ...(disagreements === undefined ? {} : { disagreements }),
  });
  const comparisons = new Map(
    rows
      .filter(({ config }) => config !== baseline)
      .map((row): [string, ComparisonView] => {
        const used = row.pairs?.n ?? 0;
        const best = row.pooled ?? row.paired;
        return [
          row.config,
          {
            verdict: row.verdict,
            pairs: { used, of: Math.max(planned, used) },
            difference: best ? direction * best.mean : onlyDifference(values.get(row.config), values.get(baseline)),
            paired: intervalView(row.paired, direction, null),
            pooled: intervalView(row.pooled, direction, row.pooled?.adjusted ?? null),
            equivalence: finite(row.equivalence?.p),
            detectable: finite(row.undecided?.detectable),
            seedsNeeded: row.undecided?.seeds ?? null,
            standsOut: row.standsOut,
            implausible: finite(row.implausible?.probability),
          },
        ];
      }),
  );
  return { comparisons, noise, luck };
}

/**
 * Which of these pairs differ by more than noise: by their own paired interval and, corrected by Holm over the pairs, by the variance that
 * is pooled over the sweep, or their own where one of the two stands out.
 */
export function beyondNoise(
  pairs: readonly (readonly [string, string])[],
  values: Values,
  { noise, comparisons }: Compared,
): boolean[] {
  const none: ReadonlyMap<number, number> = new Map();
  const tests = pairs.map(([a, b]) => {
    const differences = pairedDifferences(values.get(a) ?? none, values.get(b) ?? none);
    const paired = pairedTest(differences, ALPHA);
    if (paired === null || noise === null) return null;
    const standsOut = [a, b].some((id) => comparisons.get(id)?.standsOut);
    const se = noise.sd * Math.sqrt(2 / differences.length);
    return { own: paired.p, pooled: standsOut ? paired.p : studentTwoSided(paired.mean / se, noise.freedom) };
  });
  const adjusted = holm(tests.map((test) => test?.pooled ?? Number.NaN));
  return tests.map((test, i) => test !== null && test.own < ALPHA && (adjusted[i] ?? 1) < ALPHA);
}
