/** The best of several: how far luck alone carries it, and what a smaller search would have found. */
import { memoise } from './memoise.ts';
import { normalCdf, normalDensity } from './normal.ts';

/**
 * Expected maximum of k independent standard normal values: with k equal configs, the best leads their mean by this many standard
 * errors. Harter 1961. By the trapezoidal rule, which for this integrand converges to machine accuracy; 0 for k = 1.
 */
export const expectedMaximum = memoise((k: number): number => {
  const step = 1 / 16;
  let sum = 0;
  for (let x = -12; x <= 12; x += step) sum += x * k * normalDensity(x) * normalCdf(x) ** (k - 1);
  return sum * step;
});

/**
 * Expected maximum of k of the values, drawn without replacement; null for k > n or k < 1. The unbiased U-statistic: Tang et al.,
 * "Showing your work doesn't always work", ACL 2020. O(n log n).
 */
export function expectedBest(values: readonly number[], k: number): number | null {
  const n = values.length;
  if (k < 1 || k > n) return null;
  const sorted = values.toSorted((a, b) => b - a);
  let weight = k / n; // C(i - 1, k - 1) / C(n, k) for the value of rank i, from the largest, i = n
  let sum = 0;
  for (let i = n; i >= k; i--) {
    sum += weight * sorted[n - i]!;
    weight *= (i - k) / (i - 1 || 1);
  }
  return sum;
}
