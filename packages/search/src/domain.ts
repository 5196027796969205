/** The values of one axis: how many there are, and which one a uniform number selects. */
import type { Axis, Range } from '@ablate/contracts';

/**
 * `low` and `high` are the ends of a range as written. Without a `step` it is continuous and its `count` infinite; otherwise it has the `count`
 * values `first`, `first` + `step`, …
 */
type NumberDomain = {
  kind: 'number';
  low: number;
  high: number;
  log: boolean;
  first: number;
  step: number | null;
  count: number;
};

export type Domain =
  | { kind: 'choice'; values: readonly unknown[] }
  | NumberDomain
  | { kind: 'permutation'; items: readonly unknown[] };

/** The index of a choice, a number of a range, or the order of a permutation's items as indices. */
export type Coordinate = number | readonly number[];

/** The whole numbers in a range; null if it has none. */
function wholeNumbers({ min, max }: Range): { first: number; count: number } | null {
  const first = Math.ceil(min);
  const count = Math.floor(max) - first + 1;
  return count > 0 ? { first, count } : null;
}

/** A step that divides a range up to this share of itself reaches its end. */
const ROUNDING = 1e-9;

function rangeDomain(range: Range): NumberDomain | null {
  const { min: low, max: high, scale, integer, step } = range;
  const ends = { kind: 'number', low, high, log: scale === 'log' } as const;
  if (integer) {
    const whole = wholeNumbers(range);
    if (!whole) return null;
    const size = step ?? 1;
    return { ...ends, first: whole.first, step: size, count: Math.floor((whole.count - 1) / size) + 1 };
  }
  if (step === undefined) return { ...ends, first: low, step: null, count: Number.POSITIVE_INFINITY };
  return { ...ends, first: low, step, count: Math.floor((high - low) / step + ROUNDING) + 1 };
}

/** The domain of an axis; null for a link, and for a range of whole numbers that has none. */
export function domainOf(axis: Axis): Domain | null {
  if (Array.isArray(axis)) return { kind: 'choice', values: axis };
  if ('values' in axis) return { kind: 'choice', values: axis.values };
  if ('permutation' in axis) return { kind: 'permutation', items: axis.permutation };
  return '=' in axis ? null : rangeDomain(axis);
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** Number of values; infinite for a continuous range. */
export function domainSize(domain: Domain): number {
  if (domain.kind === 'choice') return domain.values.length;
  return domain.kind === 'permutation' ? factorial(domain.items.length) : domain.count;
}

/** first + i × step without the last digits, which are rounding: 0.1 + 2 × 0.1 is 0.3. */
function stepped({ first, step }: { first: number; step: number }, i: number): number {
  const sum = first + i * step;
  return Number.isInteger(first) && Number.isInteger(step) ? sum : Number(sum.toPrecision(14));
}

/** The order at a place of the sorted list of all orders of n items. */
function orderAt(n: number, place: number): number[] {
  const left = Array.from({ length: n }, (_, i) => i);
  let rest = place;
  return Array.from({ length: n }, (_, i) => {
    const block = factorial(n - 1 - i);
    const [item = 0] = left.splice(Math.floor(rest / block), 1);
    rest %= block;
    return item;
  });
}

/** The value of a domain with this index, for 0 ≤ index < domainSize; a continuous range has none. */
export function coordinateAt(domain: Domain, index: number): Coordinate {
  if (domain.kind === 'choice') return index;
  if (domain.kind === 'permutation') return orderAt(domain.items.length, index);
  return stepped({ first: domain.first, step: domain.step ?? Number.NaN }, index);
}

/** The value at a share u of a domain, 0 ≤ u < 1. On a log scale equal ratios are equally likely. */
export function coordinateWithin(domain: Domain, u: number): Coordinate {
  if (domain.kind !== 'number') return coordinateAt(domain, Math.floor(u * domainSize(domain)));
  const { low, high, log, first, step, count } = domain;
  if (!log) return step === null ? low + u * (high - low) : coordinateAt(domain, Math.floor(u * count));
  const value = low * Math.exp(u * Math.log(high / low));
  return step === null ? value : Math.min(Math.max(Math.round(value), first), first + count - 1);
}

/** The value that a spec gets: one of its values, a number, or its items in some order. */
export function axisValue(domain: Domain, coordinate: Coordinate): unknown {
  if (domain.kind === 'number') return coordinate;
  if (domain.kind === 'choice') return domain.values[Number(coordinate)];
  return [coordinate].flat().map((item) => domain.items[Number(item)]);
}
