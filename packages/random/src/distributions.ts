/** Distributions and permutations, drawn from counted random numbers. */
import type { CountedRandom } from './counted.ts';

/**
 * Gamma(shape) with scale 1, for shape ≥ 1: Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
 * Smaller shapes are drawn at shape + 1 and multiplied by u^(1 / shape) (section 6 there).
 */
function gammaFromOne(random: CountedRandom, shape: number): number {
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

/** Gamma(shape) with scale 1, for any shape > 0. Underflows to 0 for tiny shapes. */
function drawGamma(random: CountedRandom, shape: number): number {
  if (shape >= 1) return gammaFromOne(random, shape);
  return gammaFromOne(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
}

/** ln of a Gamma(shape), for any shape > 0. Finite where the gamma itself underflows. */
const drawLogGamma = (random: CountedRandom, shape: number): number =>
  Math.log(gammaFromOne(random, shape + 1)) + Math.log(1 - random.uniform()) / shape;

/** Shares that sum to 1, from the symmetric Dirichlet distribution: (count), all parameters equal to `alpha`. */
export function drawDirichlet(random: CountedRandom, alpha: number, count: number): number[] {
  const gammas = Array.from({ length: count }, () => drawGamma(random, alpha));
  const sum = gammas.reduce((a, b) => a + b, 0);
  return gammas.map((gamma) => (sum > 0 ? gamma / sum : 1 / count)); // a tiny alpha may underflow all of them to 0
}

/** Beta(alpha, alpha), in [0, 1]. */
export function drawBeta(random: CountedRandom, alpha: number): number {
  const [a, b] = [drawLogGamma(random, alpha), drawLogGamma(random, alpha)];
  return 1 / (1 + Math.exp(b - a));
}

/** Shuffle in place (Fisher and Yates). */
export function shuffle(items: Int32Array, random: CountedRandom): Int32Array {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const held = items[i]!;
    items[i] = items[j]!;
    items[j] = held;
  }
  return items;
}
