/** Fisher's F distribution with (numerator, denominator) degrees of freedom. Abramowitz and Stegun 26.6. */
import { incompleteBeta } from './beta.ts';
import type { Tails } from './gamma.ts';
import { positiveRoot } from './root.ts';

function tails(f: number, numerator: number, denominator: number): Tails {
  if (!(numerator > 0 && denominator > 0)) return { lower: Number.NaN, upper: Number.NaN };
  if (f <= 0) return { lower: 0, upper: 1 };
  if (f === Number.POSITIVE_INFINITY) return { lower: 1, upper: 0 };
  const scaled = numerator * f;
  const total = scaled + denominator;
  return incompleteBeta(numerator / 2, denominator / 2, scaled / total, denominator / total);
}

/** P(F > f): the p-value of an F test. NaN without positive degrees of freedom. */
export const fisherSurvival = (f: number, numerator: number, denominator: number): number =>
  tails(f, numerator, denominator).upper;

/** P(F ≤ f). */
export const fisherCdf = (f: number, numerator: number, denominator: number): number =>
  tails(f, numerator, denominator).lower;

/** The f with P(F ≤ f) = p. */
export function fisherQuantile(p: number, numerator: number, denominator: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0) return 0;
  if (p === 1) return Number.POSITIVE_INFINITY;
  return positiveRoot((f) => {
    const { lower, upper } = tails(f, numerator, denominator);
    return p < 0.5 ? Math.log(lower) - Math.log(p) : Math.log1p(-p) - Math.log(upper);
  });
}
