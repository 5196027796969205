/** Regret of our samplers on the test functions. */

import { countedRandom, randomKey } from '@ablate/random';
import { ask, mostPromising, type Sampler, type Trial } from '@ablate/search';
import { sampleSpace, type TestFunction } from './functions.ts';

/**
 * What is left to the minimum at the config that a search of `trials` results recommends: the one with the best
 * observed value, as Optuna does, or with the best expected value if there is a Gaussian process.
 */
export function regretOf(
  { space: written, value, minimum, noise }: TestFunction,
  { sampler, seed, trials, noisy }: { sampler: Sampler; seed: number; trials: number; noisy: boolean },
): number {
  const space = sampleSpace(written);
  const known: Trial[] = [];
  let kernel: Parameters<typeof ask>[2]['kernel'];
  for (let number = 0; number < trials; number++) {
    const asked = ask(space, known, { sampler, seed, number, ...(kernel && { kernel }) });
    if (!asked) break;
    kernel = asked.kernel ?? kernel;
    const random = countedRandom(randomKey(seed, 'noise'), [number, 0]);
    const measured = value(asked.point.candidate.axes) + (noisy ? noise * random.normal() : 0);
    known.push({ point: asked.point, score: -measured, depth: 0, seeds: 1 });
  }
  const best =
    sampler === 'gp'
      ? mostPromising(space, known, kernel)
      : known.reduce((a, b) => ((b.score ?? 0) > (a.score ?? 0) ? b : a));
  return value(best.point.candidate.axes) - minimum;
}
