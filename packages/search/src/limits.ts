/** Complaints about a search that need no points. */
import { MAX_CONFIGS, MAX_RUNS, type Spec } from '@ablate/contracts';
import type { PointerComplaint } from './complaints.ts';
import { totalSize } from './grid.ts';
import { wholeNumbers } from './random.ts';
import type { Subspace } from './space.ts';

const number = (n: number): string => n.toLocaleString('en-US');

function tooLarge(spec: Spec, subspaces: readonly Subspace[]): PointerComplaint[] {
  const isGrid = spec.search.method === 'grid';
  const points = spec.search.method === 'grid' ? totalSize(subspaces) : spec.search.samples;
  const runs = points * spec.seeds.length;
  if (points <= MAX_CONFIGS && runs <= MAX_RUNS) return [];
  const detail =
    `${number(points)} points × ${spec.seeds.length} seeds are ${number(runs)} runs, but a sweep holds at most ` +
    `${number(MAX_CONFIGS)} points and ${number(MAX_RUNS)} runs: ${isGrid ? 'remove values from an axis, or use random search' : 'draw fewer samples'}`;
  return [{ pointer: isGrid ? '/space' : '/search/samples', detail }];
}

const unusableRanges = (spec: Spec, { axes, pointer }: Subspace): PointerComplaint[] =>
  axes.flatMap(([path, axis]) => {
    if (Array.isArray(axis)) return [];
    if (spec.search.method === 'grid')
      return [{ pointer: pointer(path), detail: 'grid search needs a list of values; a range needs random search' }];
    if (axis.integer && wholeNumbers(axis) === null)
      return [{ pointer: pointer(path), detail: `no whole number between ${axis.min} and ${axis.max}` }];
    return [];
  });

/** Complaints about invalid ranges, and about too many runs. */
export const limitComplaints = (spec: Spec, subspaces: readonly Subspace[]): PointerComplaint[] => [
  ...subspaces.flatMap((subspace) => unusableRanges(spec, subspace)),
  ...tooLarge(spec, subspaces),
];
