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

/** For each point the number of its front: 0 if no other dominates it, 1 if only points of front 0 do, and so on. Points must be numbers. O(n log n). */
export function paretoRanks(points: readonly { cost: number; value: number }[]): number[] {
  const order = points
    .map((_, i) => i)
    .sort((i, j) => points[i]!.cost - points[j]!.cost || points[j]!.value - points[i]!.value);
  /** The latest point of each front: of its front the most valuable, and no more valuable than that of the front before. */
  const latest: { cost: number; value: number }[] = [];
  const ranks = new Array<number>(points.length).fill(0);
  for (const i of order) {
    const point = points[i]!;
    const dominates = (other: { cost: number; value: number }): boolean =>
      other.value > point.value || (other.value === point.value && other.cost < point.cost);
    let [low, high] = [0, latest.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (dominates(latest[middle]!)) low = middle + 1;
      else high = middle;
    }
    latest[low] = point;
    ranks[i] = low;
  }
  return ranks;
}
