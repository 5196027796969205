/** The baseline: the point of the sweep that the others are compared with. */
import { canonicalJson, jsonPointer, type PointerComplaint, type Spec } from '@ablate/contracts';
import type { Method, Subspace } from './space.ts';

/**
 * Complaints about a baseline: a key that is not an axis or, in an exhaustive search, a combination of values that no point has.
 * Another search may miss the baseline, so only the axes are checked.
 */
export function baselineComplaints(
  { baseline }: Spec,
  { isExhaustive }: Method,
  subspaces: readonly Subspace[],
  points: readonly { axes: Record<string, unknown> }[],
): PointerComplaint[] {
  if (baseline === undefined) return [];
  const known = new Set(subspaces.flatMap(({ axes }) => axes.map(([path]) => path)));
  const strange = Object.keys(baseline).filter((path) => !known.has(path));
  if (strange.length > 0)
    return strange.map((path) => ({
      pointer: jsonPointer(['baseline', path]),
      detail: `"${path}" is not an axis of the space`,
    }));
  const wanted = Object.entries(baseline).map(([path, value]): [string, string] => [path, canonicalJson(value)]);
  const taken = points.some(({ axes }) =>
    wanted.every(([path, value]) => path in axes && canonicalJson(axes[path]) === value),
  );
  if (taken || !isExhaustive) return [];
  return [{ pointer: '/baseline', detail: 'no point of the space has this combination of values' }];
}
