/** How many seeds a difference needs, and which difference a number of seeds can show. Exact, by the noncentral t distribution. */
import { noncentralSurvival } from './noncentral.ts';
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

/**
 * The smallest true difference, in units of the sd of differences, that the test finds with the wanted power. NaN without degrees of
 * freedom. Equals statsmodels' `TTestPower.solve_power` over `effect_size`.
 */
export function detectableEffect({
  n,
  alpha,
  power,
  freedom = n - 1,
}: Design & { n: number; freedom?: number }): number {
  const critical = studentCritical(alpha, freedom);
  if (Number.isNaN(critical)) return Number.NaN;
  return positiveRoot((shift) => rejection(critical, freedom, shift) - power) / Math.sqrt(n);
}

/** Above this many seeds the answer is null. */
export const MOST_SEEDS = 10_000;

/**
 * The smallest n from 2 to MOST_SEEDS with `detectable(n)` ≤ difference, for a decreasing function; null if there is none. By doubling
 * and bisection: about 2 log₂ n calls.
 */
export function seedsNeeded(difference: number, detectable: (n: number) => number): number | null {
  if (!(difference > 0)) return null;
  let high = 2;
  while (!(detectable(high) <= difference)) {
    if (high === MOST_SEEDS) return null;
    high = Math.min(2 * high, MOST_SEEDS);
  }
  let low = Math.max(1, Math.floor(high / 2)); // too few, or 1
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (detectable(middle) <= difference) high = middle;
    else low = middle;
  }
  return high;
}
