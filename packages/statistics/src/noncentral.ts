/** Noncentral t distribution: the power of a t test. */
import { incompleteGamma, stirlingError } from './gamma.ts';
import { normalSurvival } from './normal.ts';

const ORDER = 10;

/** Gauss-Legendre nodes and weights on [-1, 1]. Press et al., Numerical Recipes, section 4.6. */
const LEGENDRE = Array.from({ length: ORDER }, (_, i) => {
  let x = Math.cos((Math.PI * (i + 0.75)) / (ORDER + 0.5));
  for (let round = 0; ; round++) {
    let [last, value] = [1, x];
    for (let degree = 2; degree <= ORDER; degree++)
      [last, value] = [value, ((2 * degree - 1) * x * value - (degree - 1) * last) / degree];
    const slope = (ORDER * (x * value - last)) / (x * x - 1);
    if (round === 10) return { node: x, weight: 2 / ((1 - x * x) * slope * slope) };
    x -= value / slope;
  }
});

/** Standard deviations beyond which a normal tail is 0 here. */
const FAR = 8;

/**
 * P(T > t) for noncentral t, t > 0: the integral over s of P(Z > t s - shift) times the density of s = √(χ²/freedom). Where the first
 * factor is 1 it is the χ² distribution function, where it is 0 nothing; between, Gauss-Legendre quadrature in panels narrower than both
 * factors. Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 2, equation 31.15. Absolute error below 1e-9.
 */
export function noncentralSurvival(t: number, freedom: number, shift: number): number {
  const a = freedom / 2;
  const width = 1 / Math.sqrt(2 * freedom); // about the standard deviation of s
  const from = Math.max(0, 1 - 10 * width, (shift - FAR) / t);
  const to = Math.min(1 + 10 * width, (shift + FAR) / t);
  const sure = shift > FAR ? incompleteGamma(a, a * ((shift - FAR) / t) ** 2).lower : 0;
  if (!(to > from)) return Number.isNaN(t + freedom + shift) ? Number.NaN : sure;
  const constant = Math.LN2 + 0.5 * Math.log(a / (2 * Math.PI)) - stirlingError(a);
  const density = (s: number): number => Math.exp(constant + a * (1 - s * s + 2 * Math.log(s)) - Math.log(s));
  const panels = Math.ceil((to - from) / (2 * Math.min(1 / t, width)));
  const half = (to - from) / panels / 2;
  let sum = 0;
  for (let panel = 0; panel < panels; panel++)
    for (const { node, weight } of LEGENDRE) {
      const s = from + half * (2 * panel + 1 + node);
      sum += half * weight * density(s) * normalSurvival(t * s - shift);
    }
  return Math.min(1, sure + sum);
}
