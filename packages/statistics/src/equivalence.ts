/** Whether a difference is small enough not to matter. */
import { studentSurvival } from './student.ts';

/**
 * p-value of two one-sided t tests (TOST) that the true difference lies outside (-margin, margin): below .05, the difference is
 * equivalent to 0 within the margin. Schuirmann 1987; equals the p-value of statsmodels' `ttost_paired`. With `se` = 0 it is 0
 * inside the margin and 1 outside.
 */
export function equivalenceP(
  { mean, se, freedom }: { mean: number; se: number; freedom: number },
  margin: number,
): number {
  const room = margin - Math.abs(mean); // the nearer bound has the larger p
  if (se === 0) return room > 0 ? 0 : 1;
  return studentSurvival(room / se, freedom);
}
