/** Noncentral t distribution: the power of a t test. */
import { stirlingError } from './gamma.ts';
import { normalSurvival } from './normal.ts';

const ORDER = 20;

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

/**
 * P(T > t) for noncentral t, t > 0: the integral over s of P(Z > t s - shift) times the density of s = √(χ²/freedom), by Gauss-Legendre
 * quadrature between the points where either factor bends. Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 2,
 * equation 31.15. Absolute error below 1e-9.
 */
export function noncentralSurvival(t: number, freedom: number, shift: number): number {
  const a = freedom / 2;
  const constant = Math.LN2 + 0.5 * Math.log(a / (2 * Math.PI)) - stirlingError(a);
  const density = (s: number): number =>
    s <= 0 ? 0 : Math.exp(constant + a * (1 - s * s + 2 * Math.log(s)) - Math.log(s));
  const width = 1 / Math.sqrt(2 * freedom);
  const [low, high] = [Math.max(0, 1 - 10 * width), 1 + 10 * width];
  const bends = [
    ...[-10, -6, -3, -1, 0, 1, 3, 6, 10].map((step) => 1 + step * width),
    ...[-8, -4, -2, 0, 2, 4, 8].map((step) => (shift + step) / t),
  ];
  const points = [low, ...bends.filter((point) => point > low && point < high), high].sort((x, y) => x - y);
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1]!, points[i]!];
    for (const { node, weight } of LEGENDRE) {
      const s = (from + to + (to - from) * node) / 2;
      sum += ((to - from) / 2) * weight * density(s) * normalSurvival(t * s - shift);
    }
  }
  return Math.min(1, sum);
}
