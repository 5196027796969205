/** Regularised incomplete beta function, the distribution function behind Student's t, F and the binomial. */
import { logExcess, stirlingError, type Tails } from './gamma.ts';
import { positiveRoot } from './root.ts';

const MAX_TERMS = 100_000;
const EPSILON = 2 ** -53;
const TINY = 1e-300;

/** x^a y^b / B(a, b) with y = 1 - x, free of the cancellation of log gammas (Loader 2000). */
function betaFactor(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  const excess = x <= y ? x - a / n : b / n - y; // x minus its mean, from the smaller of x and y
  const exponent = a * logExcess((x * n) / a, (excess * n) / a) + b * logExcess((y * n) / b, (-excess * n) / b);
  return (
    Math.sqrt((a * b) / (2 * Math.PI * n)) * Math.exp(exponent + stirlingError(n) - stirlingError(a) - stirlingError(b))
  );
}

/** Continued fraction of the incomplete beta function, by Lentz' method. Press et al., Numerical Recipes, equation 6.4.5. */
function betaFraction(a: number, b: number, x: number): number {
  const bounded = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / bounded(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let j = 1; j < MAX_TERMS; j++) {
    const even = (j * (b - j) * x) / ((a + 2 * j - 1) * (a + 2 * j));
    d = 1 / bounded(1 + even * d);
    c = bounded(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + j) * (a + b + j) * x) / ((a + 2 * j) * (a + 2 * j + 1));
    d = 1 / bounded(1 + odd * d);
    c = bounded(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 2 * EPSILON) break;
  }
  return fraction;
}

/**
 * I_x(a, b) and its complement, for a, b > 0. `y` is 1 - x; give it where it is known to more digits. Takes about
 * √max(a, b) terms.
 */
export function incompleteBeta(a: number, b: number, x: number, y = 1 - x): Tails {
  if (Number.isNaN(a + b + x + y)) return { lower: Number.NaN, upper: Number.NaN };
  if (x <= 0) return { lower: 0, upper: 1 };
  if (y <= 0) return { lower: 1, upper: 0 };
  const factor = betaFactor(a, b, x, y);
  if (x < (a + 1) / (a + b + 2)) {
    const lower = (factor / a) * betaFraction(a, b, x);
    return { lower, upper: 1 - lower };
  }
  const upper = (factor / b) * betaFraction(b, a, y);
  return { lower: 1 - upper, upper };
}

/** The x for which I_x(a, b) = p, for 0 < p < 1. */
export function betaQuantile(p: number, a: number, b: number): number {
  // In odds x / y, which run from 0 to infinity.
  const odds = positiveRoot((ratio) => {
    const tails = incompleteBeta(a, b, ratio / (1 + ratio), 1 / (1 + ratio));
    return p < 0.5 ? Math.log(tails.lower) - Math.log(p) : Math.log1p(-p) - Math.log(tails.upper);
  });
  return odds / (1 + odds);
}
