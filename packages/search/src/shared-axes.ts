/**
 * The values of a union of subspaces, such as one factor at a time. A point has a value on the axes of other subspaces too:
 * that of its config. So a point that several subspaces share is one point, with a value on all of their axes.
 */
import { isRecord } from '@ablate/contracts';
import type { Candidate, Subspace } from './space.ts';

/** The value at a path, or undefined. */
function valueAt(root: object, path: string): unknown {
  let value: unknown = root;
  for (const key of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

const isInside = (path: string, outer: string): boolean => path.startsWith(`${outer}.`);

/** The parts as the spec writes them, as a point changes them, and with their defaults. */
type Sources = { spec: object; written: object; config: object };

/** The value on an axis of another subspace. Undefined if the config has none, such as `model.depths` of a ViT. */
function otherValue(path: string, { axes }: Candidate, { spec, written, config }: Sources): unknown {
  const own = Object.keys(axes);
  // An axis that changes a field of this part would give the part as many values.
  if (own.some((axis) => isInside(axis, path))) return valueAt(spec, path);
  return valueAt(own.some((axis) => isInside(path, axis)) ? written : spec, path) ?? valueAt(config, path);
}

export type SharedAxes = {
  /** The values of a candidate on all axes of the union, in one order for all points. */
  fill(candidate: Candidate, sources: Sources): Record<string, unknown>;
  /** Gives a point the values that another candidate of the same config names. */
  merge(point: { axes: Record<string, unknown> }, candidate: Candidate): void;
};

/** For one subspace nothing is filled in. */
export function sharedAxes(subspaces: readonly Subspace[]): SharedAxes {
  const paths = [...new Set(subspaces.flatMap(({ axes }) => axes.map(([path]) => path)))];
  const filled = new WeakMap<object, Set<string>>();
  return {
    fill(candidate, sources) {
      if (subspaces.length === 1) return candidate.axes;
      const axes: Record<string, unknown> = {};
      const others = new Set<string>();
      for (const path of paths) {
        const isOwn = Object.hasOwn(candidate.axes, path);
        const value = isOwn ? candidate.axes[path] : otherValue(path, candidate, sources);
        if (value === undefined) continue;
        axes[path] = value;
        if (!isOwn) others.add(path);
      }
      filled.set(axes, others);
      return axes;
    },
    merge({ axes }, candidate) {
      const others = filled.get(axes);
      for (const [path, value] of Object.entries(candidate.axes)) if (others?.delete(path)) axes[path] = value;
    },
  };
}
