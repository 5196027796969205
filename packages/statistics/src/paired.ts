/** Differences between two configs, paired by seed. */
import { mean, standardDeviation } from './estimate.ts';
import { studentCritical, studentTwoSided } from './student.ts';

/** Mean difference, and half the width of its 95 % confidence interval by Student's t; `half` is null with fewer than two pairs. */
export type Difference = { mean: number; half: number | null; pairs: number };

/** Half the width of the 95 % interval of a mean, by Student's t; NaN for fewer than two values. */
export const halfWidth = (values: readonly number[]): number =>
  (studentCritical(0.05, values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length);

/** `values` minus `baseline`, in the order of `values`, over the seeds that both have. */
export const pairedDifferences = (
  values: ReadonlyMap<number, number>,
  baseline: ReadonlyMap<number, number>,
): number[] =>
  [...values].flatMap(([seed, value]) => {
    const other = baseline.get(seed);
    return other === undefined ? [] : [value - other];
  });

/** Mean of `values` minus `baseline` over the seeds that both have; null if they share none. */
export function pairedDifference(
  values: ReadonlyMap<number, number>,
  baseline: ReadonlyMap<number, number>,
): Difference | null {
  const differences = pairedDifferences(values, baseline);
  const pairs = differences.length;
  if (pairs === 0) return null;
  return { mean: mean(differences), half: pairs > 1 ? halfWidth(differences) : null, pairs };
}

/**
 * A t test of a difference: `half` is half the width of its confidence interval, `se` its standard error, `p` the two-sided p-value of
 * no difference.
 */
export type DifferenceTest = { mean: number; se: number; freedom: number; half: number; p: number };

/**
 * Two-sided t test of a mean difference with the given standard error, and its interval at level 1 - alpha. With `se` = 0, p is 0 for a
 * difference and 1 for none.
 */
export const differenceTest = (
  { mean: difference, se, freedom }: { mean: number; se: number; freedom: number },
  alpha = 0.05,
): DifferenceTest => ({
  mean: difference,
  se,
  freedom,
  half: studentCritical(alpha, freedom) * se,
  p: difference === 0 ? 1 : studentTwoSided(difference / se, freedom),
});

/** Paired t test (Student 1908); null for fewer than two differences. Equals SciPy's `ttest_rel`. */
export const pairedTest = (differences: readonly number[], alpha = 0.05): DifferenceTest | null =>
  differences.length < 2
    ? null
    : differenceTest(
        {
          mean: mean(differences),
          se: standardDeviation(differences) / Math.sqrt(differences.length),
          freedom: differences.length - 1,
        },
        alpha,
      );
