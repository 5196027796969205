/** Complaints about a search that need no points. */
import { count, MAX_CONFIGS, MAX_RUNS, type PointerComplaint, type Spec } from '@ablate/contracts';
import { wholeNumbers } from './random.ts';
import type { Method, Subspace } from './space.ts';

function tooLarge({ seeds }: Spec, method: Method, subspaces: readonly Subspace[]): PointerComplaint[] {
  const points = method.size(subspaces);
  const runs = points * seeds.length;
  if (points <= MAX_CONFIGS && runs <= MAX_RUNS) return [];
  const { pointer, remedy } = method.tooLarge;
  const detail =
    `${count(points, 'point')} × ${count(seeds.length, 'seed')} are ${count(runs, 'run')}, but a sweep holds at most ` +
    `${count(MAX_CONFIGS, 'point')} and ${count(MAX_RUNS, 'run')}: ${remedy}`;
  return [{ pointer, detail }];
}

const invalidRanges = ({ search }: Spec, { acceptsRanges }: Method, { axes, pointer }: Subspace): PointerComplaint[] =>
  axes.flatMap(([path, axis]) => {
    if (Array.isArray(axis)) return [];
    if (!acceptsRanges)
      return [
        {
          pointer: pointer(path),
          detail: `${search.method} search needs a list of values; a range needs random search`,
        },
      ];
    if (axis.integer && wholeNumbers(axis) === null)
      return [{ pointer: pointer(path), detail: `no whole number between ${axis.min} and ${axis.max}` }];
    return [];
  });

/** Complaints about invalid ranges, and about too many runs. */
export const limitComplaints = (spec: Spec, method: Method, subspaces: readonly Subspace[]): PointerComplaint[] => [
  ...subspaces.flatMap((subspace) => invalidRanges(spec, method, subspace)),
  ...tooLarge(spec, method, subspaces),
];
