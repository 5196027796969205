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

/** The least number of decimals with which all values are exact, up to six. */
const decimalsOf = (values: readonly number[]): number =>
  [0, 1, 2, 3, 4, 5].find((digits) =>
    values.every((value) => Math.abs(value - Number(value.toFixed(digits))) <= 1e-9 * Math.max(1, Math.abs(value))),
  ) ?? 6;

/** Below this, numbers are written with their power of ten. */
const TINY = 1e-4;

const UNITS = ['', ' k', ' M', ' G', ' T', ' P'];
/** From here on the ticks of an axis have units. */
const LARGE = 1e5;

/** How the ticks of one axis are written: all with the same number of decimals, as few as they need. `factor` is the unit: 100 for percent. */
export function tickFormat(ticks: readonly number[], factor = 1): (value: number) => string {
  const shown = ticks.map((tick) => factor * tick);
  const largest = shown.reduce((most, tick) => Math.max(most, Math.abs(tick)), 0);
  if (largest > 0 && largest < TINY)
    return (value) => (value === 0 ? '0' : (factor * value).toExponential(1).replace('.0e', 'e').replaceAll('-', '−'));
  const large = largest >= LARGE;
  const powerOf = (value: number) =>
    large ? Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1) / 3 + 1e-9))) : 0;
  const digits = decimalsOf(shown.map((value) => value / 1000 ** powerOf(value)));
  return (value) => {
    const power = powerOf(factor * value);
    const text = ((factor * value) / 1000 ** power)
      .toFixed(digits)
      .replace('-', '−')
      .replace(/^−(?=[0.]*$)/, '');
    return `${text}${UNITS[power]}`;
  };
}

/** A linear scale from `domain` to `range` in pixels, with about `count` round ticks inside the domain. */
export function linear([low, high]: readonly [number, number], range: readonly [number, number], count = 5): Scale {
  const span = high - low || 1;
  const at = (value: number) => range[0] + ((value - low) / span) * (range[1] - range[0]);
  const step = roundStep(span, count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
  return { at, ticks, format: tickFormat(ticks) };
}

/** A logarithmic scale. Ticks at 1, 2 and 5 times powers of ten, or at powers alone where those are many. */
export function logarithmic([low, high]: readonly [number, number], range: readonly [number, number]): Scale {
  const [from, to] = [Math.log10(low), Math.log10(high > low ? high : low * 1.01)];
  const at = (value: number) => range[0] + ((Math.log10(value) - from) / (to - from)) * (range[1] - range[0]);
  const powers = Array.from({ length: Math.floor(to) - Math.floor(from) + 1 }, (_, i) => 10 ** (Math.floor(from) + i));
  const dense = powers.flatMap((power) => [1, 2, 5].map((f) => f * power));
  const inside = (ticks: number[]) => ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  const ticks = to - from > 3 ? inside(powers) : inside(dense);
  // Less than a decade has too few round powers: steps of equal size are more.
  if (ticks.length < 3) return { ...linear([low, high], range), at };
  // Each with the digits that it needs: 0.001 beside 0.01.
  return { at, ticks, format: (value) => tickFormat([value])(value) };
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
