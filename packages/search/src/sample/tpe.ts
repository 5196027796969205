/**
 * The tree-structured Parzen estimator as in Optuna 5: draw from a density of the good points, and take the draw that is most likely among the
 * good compared with the others. Dimensions that always appear together are estimated jointly; which do is known from the conditions of the spec.
 */
import { countedRandom, randomKey } from '@ablate/random';
import { type Coordinate, coordinateWithin } from '../domain.ts';
import { parzen } from './parzen.ts';
import { isOpen, type Raw, type SampleSpace } from './sample-space.ts';
import { byMerit, type Merit, type Trial } from './trial.ts';

/** Draws from the good density for each ask. */
const CANDIDATES = 24;

/** The number of good trials among n with a result. */
const goodOf = (n: number): number => Math.min(Math.ceil(0.1 * n), 25);

/** The good trials; the others, and those without a result yet, which keep an ask away from what is being tried. Both oldest first. */
export function splitTrials<T extends Merit>(trials: readonly T[]): { good: T[]; others: T[] } {
  const count = goodOf(trials.reduce((sum, { score }) => sum + Number(score !== null), 0));
  const best: T[] = [];
  for (const trial of trials) {
    if (trial.score === null) continue;
    const last = best[count - 1];
    if (last && byMerit(trial, last) >= 0) continue;
    best.splice(best.findLastIndex((other) => byMerit(trial, other) >= 0) + 1, 0, trial);
    best.length = Math.min(best.length, count);
  }
  const good = new Set(best);
  return { good: trials.filter((trial) => good.has(trial)), others: trials.filter((trial) => !good.has(trial)) };
}

/** Candidates for the next ask, the most promising first. */
export function* tpe(
  space: SampleSpace,
  trials: readonly Trial[],
  { seed, number }: { seed: number; number: number },
): Generator<Raw> {
  const random = countedRandom(randomKey(seed, 'tpe'), [number, 0]);
  const { good, others } = splitTrials(trials);
  const { dimensions } = space;
  const groups = [...new Set(dimensions.filter(isOpen).map(({ group }) => group))];
  const ranked = groups.map((group) => {
    const members = dimensions.flatMap((dimension, d) => (dimension.group === group && isOpen(dimension) ? [d] : []));
    const domains = members.map((d) => dimensions[d]!.domain);
    // Trial by trial: reading one coordinate of ten thousand trials after the other takes longer than all the rest.
    const observed = (of: readonly Trial[]): Coordinate[][] => {
      const columns = members.map((): Coordinate[] => []);
      for (const { point } of of) {
        if (point.coordinates[members[0]!] === null) continue;
        for (let m = 0; m < members.length; m++) columns[m]!.push(point.coordinates[members[m]!]!);
      }
      return columns;
    };
    const [likely, unlikely] = [parzen(domains, observed(good)), parzen(domains, observed(others))];
    const draws = Array.from({ length: CANDIDATES }, () => {
      const x = likely.draw(random);
      return { x, promise: likely.logDensity(x) - unlikely.logDensity(x) };
    });
    return { members, draws: draws.sort((a, b) => b.promise - a.promise) };
  });
  for (let rank = 0; rank < CANDIDATES; rank++) {
    const raw: Coordinate[] = dimensions.map(({ domain }) => coordinateWithin(domain, 0));
    for (const { members, draws } of ranked)
      members.forEach((d, i) => {
        raw[d] = draws[rank]!.x[i]!;
      });
    yield raw;
  }
}
