/** The axes of parallel coordinates: where a value stands, and which lines a brush keeps. Pure. */
import { extent, linear, logarithmic } from '@ablate/plots';
import { compact } from '../../format/number.ts';

/** One value of each line; null is missing. */
export type Dimension = {
  key: string;
  title: string;
  values: readonly (number | null)[];
  /** Words of the values, if those are indices. */
  labels: readonly string[] | null;
  format: (value: number) => string;
  /** Whether its values span decades: drawn on a log scale unless the reader changes that. */
  decades: boolean;
};

/** Lines within [low, high] are kept, or those without a value. */
export type Brush = { low: number; high: number } | 'missing';
export type Brushes = ReadonlyMap<string, Brush>;

export type Axis = {
  dimension: Dimension;
  log: boolean;
  /** Whether a log scale is possible, and would change much. */
  loggable: boolean;
  ticks: readonly { y: number; text: string }[];
  /** Pixels from the top; a missing value stands below the axis. */
  at: (value: number | null) => number;
  /** The value at a height, within the ends of the axis. */
  valueAt: (y: number) => number;
  missing: boolean;
};

/** Height of the axes, and where missing values stand. */
export const HEIGHT = 280;
const MISSING_Y = HEIGHT + 26;

const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

/** Whether the values are positive and span at least two decades. */
export function spansDecades(values: readonly (number | null)[]): boolean {
  const [low, high] = extent(known(values), 0);
  return low > 0 && high / low >= 100;
}

/** An axis with about six ticks, its least value at the bottom. `log` is ignored where a value is not positive. */
export function axisOf(dimension: Dimension, log: boolean): Axis {
  const { labels, values } = dimension;
  const found = known(values);
  const [low, high] = labels ? [-0.5, labels.length - 0.5] : extent(found, 0.02);
  const [least, most] = extent(found, 0);
  const loggable = labels === null && found.length > 0 && least > 0 && most / least >= 8;
  const logs = log && loggable;
  const ends = logs ? ([least, most] as const) : ([low, high] as const);
  const scale = logs ? logarithmic(ends, [HEIGHT, 0]) : linear(ends, [HEIGHT, 0], 6);
  const ticks = labels
    ? labels.map((text, i) => ({ y: scale.at(i), text }))
    : scale.ticks.map((tick) => ({ y: scale.at(tick), text: scale.format(tick) }));
  const valueAt = (y: number): number => {
    const share = Math.min(1, Math.max(0, 1 - y / HEIGHT));
    const [from, to] = ends;
    return logs ? from * (to / from || 1) ** share : from + share * (to - from);
  };
  return {
    ...{ dimension, log: logs, loggable, ticks, valueAt },
    at: (value) => (value === null ? MISSING_Y : scale.at(value)),
    missing: found.length < values.length,
  };
}

/** Which lines every brush keeps. O(lines × brushes). */
export function keptLines(dimensions: readonly Dimension[], brushes: Brushes, lines: number): Uint8Array {
  const kept = new Uint8Array(lines).fill(1);
  for (const { key, values } of dimensions) {
    const brush = brushes.get(key);
    if (!brush) continue;
    for (let i = 0; i < lines; i++) {
      const value = values[i] ?? null;
      const inside = brush === 'missing' ? value === null : value !== null && value >= brush.low && value <= brush.high;
      if (!inside) kept[i] = 0;
    }
  }
  return kept;
}

/** Brushes in an address: `key~low~high` and `key~missing`, separated by `;`. */
export const writeBrushes = (brushes: Brushes): string | undefined =>
  [...brushes]
    .map(([key, brush]) => (brush === 'missing' ? `${key}~missing` : `${key}~${brush.low}~${brush.high}`))
    .join(';') || undefined;

export function readBrushes(text: string | null): Brushes {
  const brushes = new Map<string, Brush>();
  for (const part of (text ?? '').split(';')) {
    const [key = '', low = '', high = ''] = part.split('~');
    if (low === 'missing') brushes.set(key, 'missing');
    else if (low !== '' && high !== '' && Number.isFinite(Number(low)) && Number.isFinite(Number(high)))
      brushes.set(key, { low: Number(low), high: Number(high) });
  }
  return brushes;
}

/** A number to read: `0.003`, `1.2e-5`, `183 M`. */
export const brief = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 1e4) return compact(value);
  if (value !== 0 && size < 1e-3) return value.toExponential(1).replace('.0e', 'e');
  return String(Number(value.toPrecision(4)));
};
