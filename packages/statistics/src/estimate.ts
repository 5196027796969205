/** Mean and spread of a sample. */

/** Over seeds. `sd` is the sample standard deviation, null for fewer than two values. */
export type Estimate = { mean: number; sd: number | null; n: number };

/** Arithmetic mean; NaN for an empty sample. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Sample standard deviation, with n - 1 in the denominator; NaN for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** Mean, sample standard deviation and size; null for an empty sample. */
export const estimate = (values: readonly number[]): Estimate | null =>
  values.length === 0
    ? null
    : { mean: mean(values), sd: values.length > 1 ? standardDeviation(values) : null, n: values.length };

/** Middle of the sorted values, the mean of the two middle values for an even count; NaN for an empty sample. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Geometric mean of positive values; NaN for an empty sample. */
export const geometricMean = (values: readonly number[]): number => Math.exp(mean(values.map(Math.log)));
