/** The statistics of the benches. */

/** The median; NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** With n - 1 below: of a sample. NaN for a single value. */
export function standardDeviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

export const geometricMean = (values: readonly number[]): number => Math.exp(mean(values.map(Math.log)));

/** 97.5 % points of Student's t with 1, 2, … degrees of freedom. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131];

/** Half the width of the 95 % interval of a mean, by Student's t; above 16 values slightly too wide. NaN for a single value. */
export const halfWidth = (values: readonly number[]): number =>
  ((T[Math.min(values.length - 1, T.length) - 1] ?? Number.NaN) * standardDeviation(values)) / Math.sqrt(values.length);
