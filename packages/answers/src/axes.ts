/** The names of configs and of axes: in tables, and as words in sentences. */
import { canonicalJson, isRecord } from '@ablate/contracts';

/** A value as text. A value with a preset is the name of the preset, and the fields that differ from it. */
export function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isRecord(value)) {
    const { preset, ...rest } = value;
    if (typeof preset === 'string') return Object.keys(rest).length === 0 ? preset : `${preset} ${canonicalJson(rest)}`;
  }
  return value === undefined ? '' : canonicalJson(value);
}

/** A value to read: a number to four digits. */
export const shortValue = (value: unknown): string =>
  typeof value === 'number' ? `${Number(value.toPrecision(4))}` : formatValue(value);

/** The shortest ending of each path that is unique among the axes: `model.patchSize` is `patchSize`. */
export function axisNames(paths: readonly string[]): string[] {
  const ending = (path: string, parts: number) => path.split('.').slice(-parts).join('.');
  return paths.map((path) => {
    for (let parts = 1; ; parts++) {
      const name = ending(path, parts);
      if (name === path || !paths.some((other) => other !== path && ending(other, parts) === name)) return name;
    }
  });
}

/** All axes in order of first appearance. The points of a union of spaces have different axes. */
const axisPaths = (points: readonly { axes: Record<string, unknown> }[]): string[] => [
  ...new Set(points.flatMap(({ axes }) => Object.keys(axes))),
];

/** The axes on which the points differ, in order of first appearance: several values, or absent from some points. */
export function varyingAxes(points: readonly { axes: Record<string, unknown> }[]): string[] {
  const [first] = points;
  return axisPaths(points).filter((path) => {
    const of = (point: { axes: Record<string, unknown> }) =>
      Object.hasOwn(point.axes, path) ? canonicalJson(point.axes[path]) : undefined;
    const reference = first && of(first);
    return points.some((point) => of(point) !== reference);
  });
}

/** One line: `patchSize 4, ordering preNorm`, numbers to four digits. `wording` changes the names of the axes. */
export function formatPoint(axes: Record<string, unknown>, wording: (name: string) => string = (name) => name): string {
  const paths = Object.keys(axes);
  if (paths.length === 0) return 'as written';
  const names = axisNames(paths);
  return paths
    .map((path, i) => {
      const value = shortValue(axes[path]);
      return typeof axes[path] === 'object' && axes[path] !== null ? value : `${wording(names[i] ?? path)} ${value}`;
    })
    .join(', ');
}

/** The name of an axis as words: `patchSize` is `patch size`. */
export const axisWords = (name: string): string =>
  name
    .replace(/\./g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();
