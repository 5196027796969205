/**
 * Student's t distribution, for any positive degrees of freedom. Abramowitz and Stegun 26.7.1. Their closed form for whole degrees
 * of freedom (26.7.3-4) has an absolute error of about 1e-16, too much for p near 1e-12: the tests compare with it.
 */
import { incompleteBeta } from './beta.ts';
import type { Tails } from './gamma.ts';
import { memoise } from './memoise.ts';
import { normalQuantile, normalSurvival } from './normal.ts';
import { positiveRoot } from './root.ts';

/** `lower` is P(|T| ≤ |t|), `upper` is P(|T| > |t|). */
function twoSidedTails(t: number, freedom: number): Tails {
  const square = t * t;
  const total = freedom + square;
  if (total === Number.POSITIVE_INFINITY && freedom < total) return { lower: 1, upper: 0 };
  const { lower, upper } = incompleteBeta(freedom / 2, 0.5, freedom / total, square / total);
  return { lower: upper, upper: lower };
}

/** P(|T| > |t|): the p-value of a two-sided test. NaN without a positive number of degrees of freedom. */
export function studentTwoSided(t: number, freedom: number): number {
  if (!(freedom > 0)) return Number.NaN;
  return freedom === Number.POSITIVE_INFINITY ? 2 * normalSurvival(Math.abs(t)) : twoSidedTails(t, freedom).upper;
}

/** P(T > t), with full relative accuracy in the upper tail. */
export function studentSurvival(t: number, freedom: number): number {
  const twoSided = studentTwoSided(t, freedom);
  return t < 0 ? 1 - twoSided / 2 : twoSided / 2;
}

/** P(T ≤ t). */
export const studentCdf = (t: number, freedom: number): number => studentSurvival(-t, freedom);

/** The t > 0 with P(|T| > t) = alpha: the critical value of a two-sided test. NaN without a positive number of degrees of freedom. */
export const studentCritical = memoise((alpha: number, freedom: number): number => {
  if (!(freedom > 0) || !(alpha >= 0 && alpha <= 1)) return Number.NaN;
  if (alpha === 0) return Number.POSITIVE_INFINITY;
  if (alpha === 1) return 0;
  if (freedom === Number.POSITIVE_INFINITY) return normalQuantile(1 - alpha / 2);
  return positiveRoot((t) => {
    const { lower, upper } = twoSidedTails(t, freedom);
    return alpha < 0.5 ? Math.log(alpha) - Math.log(upper) : Math.log(lower) - Math.log1p(-alpha);
  });
});

/** The t with P(T ≤ t) = p. */
export function studentQuantile(p: number, freedom: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  return p < 0.5 ? -studentCritical(2 * p, freedom) : studentCritical(2 * (1 - p), freedom);
}
