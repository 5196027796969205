/** The name of a config: its values on the axes of the sweep. */
import { isRecord } from '@ablate/contracts';

/** A value as text. A value with a preset is the name of the preset, and the fields that differ from it. */
export function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isRecord(value)) {
    const { preset, ...rest } = value;
    if (typeof preset === 'string')
      return Object.keys(rest).length === 0 ? preset : `${preset} ${JSON.stringify(rest)}`;
  }
  return JSON.stringify(value) ?? '';
}

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
