/** Grid search: every combination of the values of a subspace's axes. */
import type { Candidate, Subspace } from './space.ts';

/** The number of combinations; a range counts as one. */
export const gridSize = ({ axes }: Subspace): number =>
  axes.reduce((size, [, axis]) => size * (Array.isArray(axis) ? axis.length : 1), 1);

export const totalSize = (subspaces: readonly Subspace[]): number =>
  subspaces.reduce((sum, subspace) => sum + gridSize(subspace), 0);

/** All combinations; the first axis changes slowest. */
export function* grid(subspace: Subspace): Generator<Candidate> {
  const size = gridSize(subspace);
  for (let index = 0; index < size; index++) {
    const axes: Record<string, unknown> = {};
    let rest = size;
    let offset = index;
    for (const [path, axis] of subspace.axes) {
      if (!Array.isArray(axis)) continue;
      rest /= axis.length;
      axes[path] = axis[Math.floor(offset / rest)];
      offset %= rest;
    }
    yield { subspace, axes };
  }
}
