/** How many seeds a difference needs, and which difference a number of seeds can show. Exact, by the noncentral t distribution. */
import { memoise } from './memoise.ts';
import { noncentralSurvival } from './noncentral.ts';
import { normalQuantile } from './normal.ts';
import { positiveRoot } from './root.ts';
import { studentCritical } from './student.ts';

/** Level of the two-sided test, and the probability with which a true difference is to be found. */
export type Design = { alpha: number; power: number };

/** Probability that a two-sided t test with critical value `critical` rejects, if t is centred on `shift`. */
const rejection = (critical: number, freedom: number, shift: number): number =>
  noncentralSurvival(critical, freedom, shift) + noncentralSurvival(critical, freedom, -shift);

/**
 * Power of a two-sided t test of a mean difference: `effect` is the difference over the sd of differences, `n` the number of pairs.
 * `freedom` is n - 1 unless the sd is pooled over more. Cohen, Statistical Power Analysis, chapter 2; equals statsmodels'
 * `TTestPower.power`.
 */
export const testPower = ({
  effect,
  n,
  alpha,
  freedom = n - 1,
}: {
  effect: number;
  n: number;
  alpha: number;
  freedom?: number;
}): number => rejection(studentCritical(alpha, freedom), freedom, Math.abs(effect) * Math.sqrt(n));

const detectableShift = memoise((freedom: number, alpha: number, power: number): number => {
  const critical = studentCritical(alpha, freedom);
  if (Number.isNaN(critical)) return Number.NaN;
  const guess = critical + Math.max(0, normalQuantile(power));
  return positiveRoot((shift) => rejection(critical, freedom, shift) - power, { guess, precision: 1e-9 });
});

/**
 * The smallest true difference, in units of the sd of differences, that the test finds with the wanted power. NaN without degrees of
 * freedom. Equals the root of statsmodels' `TTestPower.power`.
 */
export const detectableEffect = ({
  n,
  alpha,
  power,
  freedom = n - 1,
}: Design & { n: number; freedom?: number }): number => detectableShift(freedom, alpha, power) / Math.sqrt(n);

/**
 * The smallest true difference from a baseline that a sweep of `configs` configs with `n` seeds shows, in units of the sd of differences: by the
 * weaker of a config's own paired test and of the test with the pooled variance, at Holm's first level.
 */
export const detectableInSweep = ({
  n,
  configs,
  comparisons = configs - 1,
  alpha,
  power,
}: Design & { n: number; configs: number; comparisons?: number }): number =>
  Math.max(
    detectableEffect({ n, alpha, power }),
    detectableEffect({ n, alpha: alpha / Math.max(1, comparisons), power, freedom: (configs - 1) * (n - 1) }),
  );

/** Numbers of seeds considered: 2 to 100, then to two digits up to 1,000. */
const CANDIDATES = [
  ...Array.from({ length: 99 }, (_, i) => i + 2),
  ...Array.from({ length: 90 }, (_, i) => 110 + 10 * i),
];

/**
 * The smallest number of seeds with `detectable(n)` ≤ difference, for a decreasing function, rounded up to two digits; null if 1,000 are
 * too few. By bisection: 8 calls.
 */
export function seedsNeeded(difference: number, detectable: (n: number) => number): number | null {
  if (!(difference > 0)) return null;
  let [low, high] = [-1, CANDIDATES.length]; // too few; enough, or past the end
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (detectable(CANDIDATES[middle]!) <= difference) high = middle;
    else low = middle;
  }
  return CANDIDATES[high] ?? null;
}
