/** Grid search: every combination of the values of a subspace's axes. */
import type { Candidate, Subspace } from './space.ts';

/** The number of combinations; a range has no values to combine and counts as one. */
export const gridSize = ({ axes }: Subspace): number =>
  axes.reduce((size, [, axis]) => size * (Array.isArray(axis) ? axis.length : 1), 1);

export const totalSize = (subspaces: readonly Subspace[]): number =>
  subspaces.reduce((sum, subspace) => sum + gridSize(subspace), 0);

/** All combinations, the axis that is written first changing slowest. */
export function* grid(subspace: Subspace): Generator<Candidate> {
  const size = gridSize(subspace);
  for (let place = 0; place < size; place++) {
    const axes: Record<string, unknown> = {};
    let rest = size;
    let offset = place;
    for (const [path, axis] of subspace.axes) {
      if (!Array.isArray(axis)) continue;
      rest /= axis.length;
      axes[path] = axis[Math.floor(offset / rest)];
      offset %= rest;
    }
    yield { subspace, axes };
  }
}
