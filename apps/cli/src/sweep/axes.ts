/** How a point of a sweep is named: by its values on the axes. */
import { isRecord } from '@ablate/contracts';

/** A value as short as it can be told: a part that is only a preset is that preset's name. */
export function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isRecord(value)) {
    const { preset, ...rest } = value;
    if (typeof preset === 'string')
      return Object.keys(rest).length === 0 ? preset : `${preset} ${JSON.stringify(rest)}`;
  }
  return JSON.stringify(value) ?? '';
}

/** The last part of an axis' path, or as much of it as tells the axes apart: `model.patchSize` is `patchSize`. */
export function axisNames(paths: readonly string[]): string[] {
  const ending = (path: string, parts: number) => path.split('.').slice(-parts).join('.');
  return paths.map((path) => {
    for (let parts = 1; ; parts++) {
      const name = ending(path, parts);
      if (name === path || !paths.some((other) => other !== path && ending(other, parts) === name)) return name;
    }
  });
}

/** Every axis that occurs, in order of first appearance: the points of a union of spaces have different ones. */
export const axisPaths = (points: readonly { axes: Record<string, unknown> }[]): string[] => [
  ...new Set(points.flatMap(({ axes }) => Object.keys(axes))),
];

/** One line: `patchSize 4, ordering preNorm`. */
export function formatPoint(axes: Record<string, unknown>): string {
  const paths = Object.keys(axes);
  if (paths.length === 0) return 'as written';
  const names = axisNames(paths);
  return paths
    .map((path, i) => {
      const value = formatValue(axes[path]);
      return typeof axes[path] === 'object' && axes[path] !== null ? value : `${names[i]} ${value}`;
    })
    .join(', ');
}
