/** Root of an increasing function of a positive number. */

/** Widest search: 1e-300 to 1e300. */
const LIMIT = 690;

/**
 * The x > 0 at which the increasing function `f` is 0, by Ridders' method over ln x (Ridders, "A new algorithm for computing a single root of
 * a real continuous function", 1979), to a relative `precision`; the search begins at `guess`. 0 or infinity if `f` has no root between
 * 1e-300 and 1e300; NaN if `f` is NaN.
 */
export function positiveRoot(
  f: (x: number) => number,
  { guess = 1, precision = 1e-15 }: { guess?: number; precision?: number } = {},
): number {
  const at = (log: number): number => f(Math.exp(log));
  const start = Math.log(guess);
  let [low, high] = [start, start];
  let atLow = at(start);
  let atHigh = atLow;
  for (let step = 0.25; atLow > 0; step *= 2) {
    if (low <= -LIMIT) return 0;
    [high, atHigh] = [low, atLow];
    low = Math.max(low - step, -LIMIT);
    atLow = at(low);
  }
  for (let step = 0.25; atHigh < 0; step *= 2) {
    if (high >= LIMIT) return Number.POSITIVE_INFINITY;
    [low, atLow] = [high, atHigh];
    high = Math.min(high + step, LIMIT);
    atHigh = at(high);
  }
  if (Number.isNaN(atLow) || Number.isNaN(atHigh)) return Number.NaN;
  if (atLow === 0) return Math.exp(low);
  let last = Number.NaN;
  for (let round = 0; round < 100; round++) {
    const middle = (low + high) / 2;
    const atMiddle = at(middle);
    // An infinite end has no slope: bisect.
    const slope = Math.sqrt(atMiddle * atMiddle - atLow * atHigh);
    const next = Number.isFinite(slope) && slope > 0 ? middle + ((middle - low) * -atMiddle) / slope : middle;
    const atNext = next === middle ? atMiddle : at(next);
    if (atNext === 0 || Math.abs(next - last) <= precision) return Math.exp(next);
    last = next;
    for (const [x, value] of [
      [middle, atMiddle],
      [next, atNext],
    ] as const) {
      if (value < 0 && x > low) [low, atLow] = [x, value];
      if (value > 0 && x < high) [high, atHigh] = [x, value];
    }
    if (high - low <= precision) break;
  }
  return Math.exp((low + high) / 2);
}
