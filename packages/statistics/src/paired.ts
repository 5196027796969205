/** Differences between two configs, paired by seed. */
import { mean, standardDeviation } from './estimate.ts';
import { t95 } from './student.ts';

/** Mean difference, and half the width of its 95 % confidence interval by Student's t; `half` is null with fewer than two pairs. */
export type Difference = { mean: number; half: number | null; pairs: number };

/** Half the width of the 95 % interval of a mean, by Student's t; NaN for fewer than two values. */
export const halfWidth = (values: readonly number[]): number =>
  (t95(values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length);

/** `values` minus `baseline`, over the seeds that both have; null if they share none. */
export function pairedDifference(
  values: ReadonlyMap<number, number>,
  baseline: ReadonlyMap<number, number>,
): Difference | null {
  const differences = [...values].flatMap(([seed, value]) => {
    const other = baseline.get(seed);
    return other === undefined ? [] : [value - other];
  });
  const pairs = differences.length;
  if (pairs === 0) return null;
  return { mean: mean(differences), half: pairs > 1 ? halfWidth(differences) : null, pairs };
}
