/**
 * Hyperparameters of a member that goes on from the checkpoint of another: those of the other, each changed by a fifth or drawn anew (Jaderberg et al., "Population
 * Based Training", arXiv 1711.09846; as Ray's `PopulationBasedTraining`).
 */
import type { CountedRandom } from '@ablate/random';
import { type Coordinate, coordinateAt, coordinateWithin, type Domain, domainSize } from '../domain.ts';
import { isChangeable } from '../mid-training.ts';
import type { Point, Raw, SampleSpace } from '../sample/sample-space.ts';

const FACTORS = { less: 0.8, more: 1.2 };

const within = (low: number, value: number, high: number): number => Math.min(high, Math.max(low, value));

/** A neighbour: of a choice the value before or after, of an order one with two neighbours swapped. */
function changed(domain: Domain, from: Coordinate, random: CountedRandom): Coordinate {
  const towards = random.uniform() < 0.5 ? 'less' : 'more';
  const next = towards === 'less' ? -1 : 1;
  if (typeof from !== 'number') {
    const at = Math.floor(random.uniform() * (from.length - 1));
    return from.map((item, i) => (i === at ? from[at + 1]! : i === at + 1 ? from[at]! : item));
  }
  if (domain.kind !== 'number') return within(0, from + next, domainSize(domain) - 1);
  const value = from * FACTORS[towards];
  if (domain.step === null) return within(domain.low, value, domain.high);
  // A range of steps has the nearest one, but another than before.
  const indexOf = (one: number): number => Math.round((one - domain.first) / (domain.step ?? 1));
  const moved = indexOf(value);
  const index = moved === indexOf(from) ? moved + next : moved;
  return coordinateAt(domain, within(0, index, domain.count - 1));
}

/** @param resample probability that a value is drawn anew */
export const explored = (
  { dimensions }: SampleSpace,
  { raw, coordinates }: Point,
  { random, resample }: { random: CountedRandom; resample: number },
): Raw =>
  dimensions.map(({ name, domain }, i) => {
    if (!isChangeable(name) || coordinates[i] === null) return raw[i]!;
    return random.uniform() < resample ? coordinateWithin(domain, random.uniform()) : changed(domain, raw[i]!, random);
  });
