/** Correction for many tests. */

/**
 * Holm's adjusted p-values, in the order given; NaN stays NaN and is not counted. Holm, "A simple sequentially rejective multiple test
 * procedure", 1979. O(m log m).
 */
export function holm(p: readonly number[]): number[] {
  const order = p.flatMap((value, i) => (Number.isNaN(value) ? [] : [i])).sort((i, j) => p[i]! - p[j]!);
  const adjusted = p.map(() => Number.NaN);
  let largest = 0;
  order.forEach((i, rank) => {
    largest = Math.max(largest, Math.min(1, p[i]! * (order.length - rank)));
    adjusted[i] = largest;
  });
  return adjusted;
}
