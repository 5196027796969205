/** Agreement of two rankings. */

/**
 * Kendall's tau over the pairs that both rankings tell apart: (agreeing - disagreeing) / both. A difference of at most `tie` tells nothing.
 * NaN without pairs. Kendall 1938; with `tie` = 0 and no equal values it is SciPy's `kendalltau`. O(n²).
 */
export function kendallTau(
  points: readonly (readonly [a: number, b: number])[],
  tie: readonly [a: number, b: number] = [0, 0],
): { tau: number; pairs: number } {
  let [agree, disagree] = [0, 0];
  for (let i = 0; i < points.length; i++)
    for (let j = 0; j < i; j++) {
      const [a, b] = [points[i]![0] - points[j]![0], points[i]![1] - points[j]![1]];
      if (!(Math.abs(a) > tie[0] && Math.abs(b) > tie[1])) continue;
      if (a > 0 === b > 0) agree++;
      else disagree++;
    }
  return { tau: (agree - disagree) / (agree + disagree), pairs: agree + disagree };
}
