/** The standard normal distribution. Abramowitz and Stegun, chapter 26.2. */
import { incompleteGamma } from './gamma.ts';
import { positiveRoot } from './root.ts';

export const normalDensity = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** P(Z > x), with full relative accuracy in the upper tail. */
export function normalSurvival(x: number): number {
  const { lower, upper } = incompleteGamma(0.5, 0.5 * x * x);
  return x < 0 ? 0.5 + 0.5 * lower : 0.5 * upper;
}

/** P(Z ≤ x). */
export const normalCdf = (x: number): number => normalSurvival(-x);

/** The x with P(Z ≤ x) = p. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0.5) return 0;
  if (p === 0 || p === 1) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const tail = Math.min(p, 1 - p);
  const size = positiveRoot((x) => {
    const { lower, upper } = incompleteGamma(0.5, 0.5 * x * x);
    return tail < 0.25 ? Math.log(2 * tail) - Math.log(upper) : Math.log(lower) - Math.log1p(-2 * tail);
  });
  return p < 0.5 ? -size : size;
}
