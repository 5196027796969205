/** Draws from counted random numbers that need several words. */
import type { CountedRandom } from './counted.ts';

/**
 * Gamma with the given shape and scale 1: Marsaglia and Tsang, "A simple method for generating gamma variables", 2000; shapes below 1
 * through shape + 1, as section 6 there says.
 */
export function drawGamma(random: CountedRandom, shape: number): number {
  if (shape < 1) return drawGamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = random.normal();
    const v = (1 + c * normal) ** 3;
    if (v <= 0) continue;
    const logUniform = Math.log(1 - random.uniform()); // never log(0)
    if (logUniform < 0.5 * normal * normal + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Shares that sum to 1, from the symmetric Dirichlet distribution with `count` equal parameters. */
export function drawDirichlet(random: CountedRandom, alpha: number, count: number): number[] {
  const gammas = Array.from({ length: count }, () => drawGamma(random, alpha));
  const sum = gammas.reduce((a, b) => a + b, 0);
  return gammas.map((gamma) => (sum > 0 ? gamma / sum : 1 / count)); // a tiny alpha may round all of them to 0
}

/** A share from Beta(alpha, alpha). */
export const drawBeta = (random: CountedRandom, alpha: number): number => drawDirichlet(random, alpha, 2)[0]!;
