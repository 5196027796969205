/** Root of an increasing function of a positive number. */

/** Widest search: 1e-300 to 1e300. */
const LIMIT = 690;

/**
 * The x > 0 at which the increasing function `f` is 0, to full precision, by Ridders' method over ln x (Ridders, "A new algorithm for
 * computing a single root of a real continuous function", 1979). 0 or infinity if `f` has no root between 1e-300 and 1e300; NaN if
 * `f` is NaN.
 */
export function positiveRoot(f: (x: number) => number): number {
  const at = (log: number): number => f(Math.exp(log));
  let [low, high] = [-1, 1];
  let [atLow, atHigh] = [at(low), at(high)];
  for (let step = 1; atLow > 0; step *= 2) {
    if (low <= -LIMIT) return 0;
    [high, atHigh] = [low, atLow];
    low = Math.max(low - step, -LIMIT);
    atLow = at(low);
  }
  for (let step = 1; atHigh < 0; step *= 2) {
    if (high >= LIMIT) return Number.POSITIVE_INFINITY;
    [low, atLow] = [high, atHigh];
    high = Math.min(high + step, LIMIT);
    atHigh = at(high);
  }
  if (Number.isNaN(atLow) || Number.isNaN(atHigh)) return Number.NaN;
  for (let round = 0; round < 100 && high - low > 2 ** -52 * Math.max(1, Math.abs(low)); round++) {
    const middle = (low + high) / 2;
    const atMiddle = at(middle);
    if (atMiddle === 0) return Math.exp(middle);
    // An infinite end has no slope: bisect.
    const slope = Math.sqrt(atMiddle * atMiddle - atLow * atHigh);
    const next = Number.isFinite(slope) && slope > 0 ? middle + ((middle - low) * -atMiddle) / slope : middle;
    const atNext = next === middle ? atMiddle : at(next);
    if (atNext === 0) return Math.exp(next);
    for (const [x, value] of [
      [middle, atMiddle],
      [next, atNext],
    ] as const) {
      if (value < 0 && x > low) [low, atLow] = [x, value];
      if (value > 0 && x < high) [high, atHigh] = [x, value];
    }
  }
  return Math.exp((low + high) / 2);
}
