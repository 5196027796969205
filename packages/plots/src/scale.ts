/** Scales and their ticks, for the plots that are SVG. */

export type Scale = {
  /** From a value to pixels. */
  at: (value: number) => number;
  ticks: readonly number[];
  format: (value: number) => string;
};

/** A round step (1, 2 or 5 times a power of ten) of which about `count` fit into `span`. */
function roundStep(span: number, count: number): number {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((f) => f * power >= rough) ?? 10;
  return factor * power;
}

/** A linear scale from `domain` to `range` in pixels, with about `count` round ticks inside the domain. */
export function linear([low, high]: readonly [number, number], range: readonly [number, number], count = 5): Scale {
  const span = high - low || 1;
  const at = (value: number) => range[0] + ((value - low) / span) * (range[1] - range[0]);
  const step = roundStep(span, count);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
  return { at, ticks, format: (value) => value.toFixed(digits).replace('-', '−') };
}

/** A logarithmic scale. Ticks at 1, 2 and 5 times powers of ten, or at powers alone where those are many. */
export function logarithmic(
  [low, high]: readonly [number, number],
  range: readonly [number, number],
  format: (value: number) => string,
): Scale {
  const [from, to] = [Math.log10(low), Math.log10(high > low ? high : low * 1.01)];
  const at = (value: number) => range[0] + ((Math.log10(value) - from) / (to - from)) * (range[1] - range[0]);
  const powers = Array.from({ length: Math.floor(to) - Math.floor(from) + 1 }, (_, i) => 10 ** (Math.floor(from) + i));
  const dense = powers.flatMap((power) => [1, 2, 5].map((f) => f * power));
  const inside = (ticks: number[]) => ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  const ticks = to - from > 3 ? inside(powers) : inside(dense);
  // Less than a decade has too few round powers: steps of equal size are more.
  return { at, ticks: ticks.length >= 3 ? ticks : linear([low, high], range).ticks, format };
}

/** The smallest interval with all values, widened by a share of its length on both sides. */
export function extent(values: readonly number[], widen = 0.05): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  const margin = (high - low || Math.abs(high) * 0.1 || 1) * widen;
  return [low - margin, high + margin];
}
