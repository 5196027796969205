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
/** Points of a sequence that are kept. */
const KEPT = 4096;

/** The radical inverse: the digits of `index` in a base, mirrored at the point. Halton 1960. */
export function radicalInverse(index: number, base: number): number {
  let [value, share] = [0, 1];
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) {
    share /= base;
    value += share * (rest % base);
  }
  return value;
}

/** What `radicalInverse` returned, by base: samplers draw the same thousands of points for every ask. */
const inverses = new Map<number, number[]>();

function inverseAt(index: number, base: number): number {
  const known = inverses.get(base) ?? [];
  if (known.length === 0) inverses.set(base, known);
  if (index >= KEPT) return radicalInverse(index, base);
  for (let next = known.length; next <= index; next++) known.push(radicalInverse(next, base));
  return known[index]!;
}

/** Points of one sequence; index from 0. `purpose` gives another shift (Cranley and Patterson 1976). */
export function halton(dimensions: readonly Dimension[], seed: number, purpose: string): (index: number) => Raw {
  const random = countedRandom(randomKey(seed, purpose));
  const shifts = dimensions.map(() => random.uniform());
  return (index) =>
    dimensions.map(({ domain }, d) => {
      const u = inverseAt(index + 1, BASES[d % BASES.length]!) + shifts[d]!;
      return coordinateWithin(domain, u % 1);
    });
}
