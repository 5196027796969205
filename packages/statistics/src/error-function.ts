/** The complementary error function, and what samplers need of the normal distribution: fast, and exact in the tails. */

/** W. J. Cody, "Rational Chebyshev approximations for the error function", 1969: coefficients from the largest power down, a denominator's first is 1. */
const NEAR = {
  above: [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694],
  below: [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
};
const MIDDLE = {
  above: [
    2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
    881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
  ],
  below: [
    1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
    4362.619090143247, 3439.3676741437216, 1230.3393548037495,
  ],
};
const FAR = {
  above: [
    0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
    0.0006587491615298378,
  ],
  below: [1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918],
};

type Ratio = { above: readonly number[]; below: readonly number[] };

function ratio({ above, below }: Ratio, x: number): number {
  let [top, bottom] = [0, 0];
  for (let i = 0; i < above.length; i++) {
    top = top * x + above[i]!;
    bottom = bottom * x + below[i]!;
  }
  return top / bottom;
}

/** erf x for |x| ≤ 0.46875. */
const near = (x: number): number => x * ratio(NEAR, x * x);

/** exp(x²) erfc x for x > 0.46875. */
function scaled(x: number): number {
  if (x <= 4) return ratio(MIDDLE, x);
  const inverse = 1 / (x * x);
  return (1 / Math.sqrt(Math.PI) - inverse * ratio(FAR, inverse)) / x;
}

/** exp(-x²), without the rounding error of x². */
function gaussian(x: number): number {
  const high = Math.trunc(x * 16) / 16;
  return Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
}

/** erfc x. */
function errorComplement(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.46875) return 1 - near(x);
  const tail = size > 27 ? 0 : gaussian(size) * scaled(size);
  return x < 0 ? 2 - tail : tail;
}

const SQRT2 = Math.SQRT2;

/** P(Z ≤ x), with full relative accuracy in the lower tail. */
export const fastNormalCdf = (x: number): number => 0.5 * errorComplement(-x / SQRT2);

/** ln P(Z ≤ x), for any x. */
export function logNormalCdf(x: number): number {
  const y = -x / SQRT2;
  if (y > 0.46875) return Math.log(0.5 * scaled(y)) - y * y;
  return x > 5 ? Math.log1p(-0.5 * errorComplement(-y)) : Math.log(0.5 * errorComplement(y));
}

/** ln P(a < Z ≤ b), for a ≤ b. */
export function logNormalMass(a: number, b: number): number {
  if (a > 0) return logNormalMass(-b, -a);
  if (b > 0) return Math.log1p(-fastNormalCdf(a) - fastNormalCdf(-b));
  const upper = logNormalCdf(b);
  return upper + Math.log1p(-Math.exp(logNormalCdf(a) - upper));
}

/** ln(1 + √(π/2) z exp(z²/2) erfc(-z/√2)) for z < 0: what is left of a normal beyond |z|, relative to its density. */
export function logTailExcess(z: number): number {
  const y = -z / SQRT2;
  const u = 1 / (y * y);
  // 1 - √π y erfcx(y) cancels: its series for large y.
  if (y > 50) return Math.log(u / 2) + Math.log1p(u * (-1.5 + u * (3.75 - 13.125 * u)));
  return Math.log1p(-Math.sqrt(Math.PI) * y * (y > 0.46875 ? scaled(y) : Math.exp(y * y) * errorComplement(y)));
}
