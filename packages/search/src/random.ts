/** Random search. Each value is a function of (seed, draw, axis), so that no draw depends on earlier ones. */
import type { Search } from '@ablate/contracts';
import { hashedUniform } from '@ablate/random';
import { axisValue, coordinateWithin } from './domain.ts';
import { combinationsOf, totalSize } from './grid.ts';
import type { Drawn, Method, Subspace } from './space.ts';

type RandomSearch = Pick<Extract<Search, { method: 'random' }>, 'samples' | 'seed'>;

/** Number of consecutive repeated draws after which a space counts as exhausted. */
const PATIENCE = 1000;

/** Draws for each sample after which a search ends: many draws may fill in to the same config. */
const DRAWS_PER_SAMPLE = 50;

/** Distinct candidates, each from a uniformly drawn subspace, until the space is exhausted. */
function* draws(subspaces: readonly Subspace[], { samples, seed }: RandomSearch): Generator<Drawn> {
  const drawn = new Set<string>();
  for (let draw = 0, repeats = 0; repeats < PATIENCE && draw < DRAWS_PER_SAMPLE * samples; draw++) {
    const subspace = subspaces[Math.floor(hashedUniform(seed, draw, 'subspace') * subspaces.length)];
    if (subspace === undefined) return;
    const settled = subspace.rules.settle(
      Object.fromEntries(
        subspace.domains.map(([path, domain]) => [
          path,
          axisValue(domain, coordinateWithin(domain, hashedUniform(seed, draw, path))),
        ]),
      ),
    );
    if ('complaint' in settled) {
      yield settled;
      return;
    }
    const identity = JSON.stringify(settled.axes);
    repeats = drawn.has(identity) ? repeats + 1 : 0;
    if (repeats > 0) continue;
    drawn.add(identity);
    yield { subspace, axes: settled.axes };
  }
}

const isSmall = (subspaces: readonly Subspace[], samples: number): boolean =>
  subspaces.every(({ axes }) => axes.every(([, axis]) => !('min' in axis))) &&
  totalSize(subspaces, samples + 1) <= samples;

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
