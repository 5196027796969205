/** Pareto front of cost against value. */

/**
 * Indices of the points that no other dominates, by rising cost: no other point costs at most as much and is worth at least as much,
 * with one of the two strictly better. Equal points are all kept; points that are not numbers are left out. Kung, Luccio and
 * Preparata 1975. O(n log n).
 */
export function paretoFront(points: readonly { cost: number; value: number }[]): number[] {
  const order = points
    .flatMap(({ cost, value }, i) => (Number.isNaN(cost) || Number.isNaN(value) ? [] : [i]))
    .sort((i, j) => points[i]!.cost - points[j]!.cost || points[j]!.value - points[i]!.value);
  let last: { cost: number; value: number } | undefined;
  return order.filter((i) => {
    const point = points[i]!;
    if (last && point.value <= last.value && !(point.cost === last.cost && point.value === last.value)) return false;
    last = point;
    return true;
  });
}
