/** Log gamma function and regularised incomplete gamma function, to about 14 digits. */

/** Coefficients B(2j) / (2j (2j - 1)) of Stirling's series. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

function computeStirlingError(z: number): number {
  let error = 0;
  let at = z;
  for (; at < 16; at++) error += (at + 0.5) * Math.log1p(1 / at) - 1;
  const square = 1 / (at * at);
  return error + STIRLING.reduceRight((sum, coefficient) => sum * square + coefficient, 0) / at;
}

/** Of 0, ½, 1, … 15½: what whole degrees of freedom ask for. */
const HALVES = Array.from({ length: 32 }, (_, i) => computeStirlingError(i / 2));

/**
 * Error of Stirling's formula: ln Γ(z) - [(z - ½) ln z - z + ½ ln 2π], for z > 0. Densities built from it keep their digits where
 * differences of ln Γ lose them. Loader, "Fast and accurate computation of binomial probabilities", 2000.
 */
export const stirlingError = (z: number): number => HALVES[2 * z] ?? computeStirlingError(z);

/** ln Γ(z) for z > 0. Abramowitz and Stegun 6.1.40. */
export const logGamma = (z: number): number =>
  (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + stirlingError(z);

/** ln(1 + u) - u, with `ratio` = 1 + u given beside u so that neither loses digits. */
export function logExcess(ratio: number, u: number): number {
  if (Math.abs(u) > 0.5) return Math.log(ratio) - u;
  const r = u / (2 + u); // ln(1 + u) = 2 artanh r
  const square = r * r;
  let sum = 0;
  for (let j = 37; j >= 3; j -= 2) sum = sum * square + 1 / j;
  return 2 * r * square * sum - u * r;
}

/** Lower and upper share of a probability distribution; the smaller of the two has full relative accuracy. */
export type Tails = { lower: number; upper: number };

const MAX_TERMS = 100_000;
const EPSILON = 2 ** -53;
const TINY = 1e-300;

/**
 * Regularised incomplete gamma functions P(a, x) and Q(a, x). By series below a + 1, else by continued fraction (Lentz).
 * Press et al., Numerical Recipes, section 6.2. Takes about √a terms.
 */
export function incompleteGamma(a: number, x: number): Tails {
  if (Number.isNaN(a) || Number.isNaN(x)) return { lower: Number.NaN, upper: Number.NaN };
  if (x <= 0) return { lower: 0, upper: 1 };
  if (x === Number.POSITIVE_INFINITY) return { lower: 1, upper: 0 };
  // x^a e^-x / Γ(a)
  const factor = Math.sqrt(a / (2 * Math.PI)) * Math.exp(a * logExcess(x / a, (x - a) / a) - stirlingError(a));
  if (x < a + 1) {
    let [sum, term] = [1 / a, 1 / a];
    for (let j = 1; j < MAX_TERMS && term > sum * EPSILON; j++) {
      term *= x / (a + j);
      sum += term;
    }
    return { lower: factor * sum, upper: 1 - factor * sum };
  }
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let j = 1; j < MAX_TERMS; j++) {
    const term = -j * (j - a);
    b += 2;
    d = 1 / (term * d + b || TINY);
    c = b + term / c || TINY;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 2 * EPSILON) break;
  }
  return { lower: 1 - factor * fraction, upper: factor * fraction };
}
