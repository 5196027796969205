/** Grid search: every combination of the values of a subspace's axes. */
import type { Candidate, Method, Subspace } from './space.ts';

/** The number of combinations; a range counts as one. */
const gridSize = ({ axes }: Subspace): number =>
  axes.reduce((size, [, axis]) => size * (Array.isArray(axis) ? axis.length : 1), 1);

export const totalSize = (subspaces: readonly Subspace[]): number =>
  subspaces.reduce((sum, subspace) => sum + gridSize(subspace), 0);

/** All combinations of one subspace; the first axis changes slowest. */
function* combinations(subspace: Subspace): Generator<Candidate> {
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

/** All combinations of all subspaces, one subspace after the other. */
export function* combinationsOf(subspaces: readonly Subspace[]): Generator<Candidate> {
  for (const subspace of subspaces) yield* combinations(subspace);
}

export const grid: Method = {
  candidates: combinationsOf,
  size: totalSize,
  wanted: Number.POSITIVE_INFINITY,
  acceptsRanges: false,
  isExhaustive: true,
  tooLarge: { pointer: '/space', remedy: 'remove values from an axis, or use random search' },
};
