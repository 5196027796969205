/** The baseline: the point of the sweep that the others are compared with. */
import { canonicalJson, jsonPointer, type Spec } from '@ablate/contracts';
import type { PointerComplaint } from './complaints.ts';
import type { Subspace } from './space.ts';

/**
 * What is wrong with a baseline: a key that is no axis, or, in a grid, values that no point takes together.
 * Random search may or may not draw the baseline, so there only the axes are checked.
 */
export function baselineComplaints(
  { baseline, search }: Spec,
  subspaces: readonly Subspace[],
  points: readonly { axes: Record<string, unknown> }[],
): PointerComplaint[] {
  if (baseline === undefined) return [];
  const known = new Set(subspaces.flatMap(({ axes }) => axes.map(([path]) => path)));
  const strange = Object.keys(baseline).filter((path) => !known.has(path));
  if (strange.length > 0)
    return strange.map((path) => ({
      pointer: jsonPointer(['baseline', path]),
      detail: `"${path}" is no axis of the space`,
    }));
  const wanted = Object.entries(baseline).map(([path, value]): [string, string] => [path, canonicalJson(value)]);
  const taken = points.some(({ axes }) =>
    wanted.every(([path, value]) => path in axes && canonicalJson(axes[path]) === value),
  );
  if (taken || search.method !== 'grid') return [];
  return [{ pointer: '/baseline', detail: 'no point of the space takes these values together' }];
}
