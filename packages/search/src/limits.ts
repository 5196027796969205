/** What can be said against a search before a single point is made. */
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
    `${number(points)} points × ${spec.seeds.length} seeds are ${number(runs)} runs, and a sweep holds ` +
    `${number(MAX_CONFIGS)} points and ${number(MAX_RUNS)} runs at most: ${isGrid ? 'take values off an axis, or draw some of the points with random search' : 'draw fewer'}`;
  return [{ pointer: isGrid ? '/space' : '/search/samples', detail }];
}

const unusableRanges = (spec: Spec, { axes, pointer }: Subspace): PointerComplaint[] =>
  axes.flatMap(([path, axis]) => {
    if (Array.isArray(axis)) return [];
    if (spec.search.method === 'grid')
      return [{ pointer: pointer(path), detail: 'grid search takes a list of values; a range is for random search' }];
    if (axis.integer && wholeNumbers(axis) === null)
      return [{ pointer: pointer(path), detail: `there is no whole number between ${axis.min} and ${axis.max}` }];
    return [];
  });

/** Ranges that cannot be used as they are, and a sweep of more runs than one may hold. */
export const limitComplaints = (spec: Spec, subspaces: readonly Subspace[]): PointerComplaint[] => [
  ...subspaces.flatMap((subspace) => unusableRanges(spec, subspace)),
  ...tooLarge(spec, subspaces),
];
