/** Points that fill a space evenly: the Halton sequence, shifted at random. */
import { countedRandom, randomKey } from '@ablate/random';
import { coordinateWithin } from '../domain.ts';
import type { Dimension, Raw } from './sample-space.ts';

/** The first primes: one base for each dimension. */
function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

const BASES = primes(256);

/** The radical inverse: the digits of `index` in a base, mirrored at the point. Halton 1960. */
export function radicalInverse(index: number, base: number): number {
  let [value, share] = [0, 1];
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) {
    share /= base;
    value += share * (rest % base);
  }
  return value;
}

/** Points of one sequence; index from 0. `purpose` gives another shift (Cranley and Patterson 1976). */
export function halton(dimensions: readonly Dimension[], seed: number, purpose: string): (index: number) => Raw {
  const random = countedRandom(randomKey(seed, purpose));
  const shifts = dimensions.map(() => random.uniform());
  return (index) =>
    dimensions.map(({ domain }, d) => {
      const u = radicalInverse(index + 1, BASES[d % BASES.length]!) + shifts[d]!;
      return coordinateWithin(domain, u % 1);
    });
}
