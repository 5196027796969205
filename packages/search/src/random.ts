/** Random search. Each value is a function of (seed, draw, axis), so that no draw depends on earlier ones. */
import type { Axis, Range, Search } from '@ablate/contracts';
import { hashedUniform } from '@ablate/random';
import { combinationsOf, totalSize } from './grid.ts';
import type { Candidate, Method, Subspace } from './space.ts';

type RandomSearch = Pick<Extract<Search, { method: 'random' }>, 'samples' | 'seed'>;

/** The whole numbers in a range; null if it has none. */
export function wholeNumbers({ min, max }: Range): { first: number; count: number } | null {
  const first = Math.ceil(min);
  const count = Math.floor(max) - first + 1;
  return count > 0 ? { first, count } : null;
}

/** The value at a share u of a range, 0 ≤ u < 1. On a log scale equal ratios are equally likely. */
function within(range: Range, u: number): number {
  const whole = range.integer ? wholeNumbers(range) : null;
  if (range.scale === 'linear')
    return whole ? whole.first + Math.floor(u * whole.count) : range.min + u * (range.max - range.min);
  const value = range.min * Math.exp(u * Math.log(range.max / range.min));
  if (!whole) return value;
  return Math.min(Math.max(Math.round(value), whole.first), whole.first + whole.count - 1);
}

const valueAt = (axis: Axis, u: number): unknown =>
  Array.isArray(axis) ? axis[Math.floor(u * axis.length)] : within(axis, u);

/** Number of consecutive repeated draws after which a space counts as exhausted. */
const PATIENCE = 1000;

/** Draws for each sample after which a search ends: many draws may fill in to the same config. */
const DRAWS_PER_SAMPLE = 50;

/** Distinct candidates, each from a uniformly drawn subspace, until the space is exhausted. */
function* draws(subspaces: readonly Subspace[], { samples, seed }: RandomSearch): Generator<Candidate> {
  const drawn = new Set<string>();
  for (let draw = 0, repeats = 0; repeats < PATIENCE && draw < DRAWS_PER_SAMPLE * samples; draw++) {
    const subspace = subspaces[Math.floor(hashedUniform(seed, draw, 'subspace') * subspaces.length)];
    if (subspace === undefined) return;
    const axes = Object.fromEntries(
      subspace.axes.map(([path, axis]) => [path, valueAt(axis, hashedUniform(seed, draw, path))]),
    );
    const identity = JSON.stringify(axes);
    repeats = drawn.has(identity) ? repeats + 1 : 0;
    if (repeats > 0) continue;
    drawn.add(identity);
    yield { subspace, axes };
  }
}

const isSmall = (subspaces: readonly Subspace[], samples: number): boolean =>
  subspaces.every(({ axes }) => axes.every(([, axis]) => Array.isArray(axis))) && totalSize(subspaces) <= samples;

/** A space with no more points than samples is searched completely, in the order of the grid. */
export const random = ({ samples, seed }: RandomSearch): Method => ({
  candidates: (subspaces) =>
    isSmall(subspaces, samples) ? combinationsOf(subspaces) : draws(subspaces, { samples, seed }),
  size: () => samples,
  wanted: samples,
  acceptsRanges: true,
  isExhaustive: false,
  tooLarge: { pointer: '/search/samples', remedy: 'draw fewer samples' },
});
