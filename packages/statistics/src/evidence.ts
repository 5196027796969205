/**
 * Evidence that may be looked at after every seed: e-values of a mean difference, and confidence sequences. The chance that the e-value of an
 * equal pair ever reaches 1/alpha is at most alpha, however often one looks; that of a t test is not.
 */

/** An estimate of a difference after `n` seeds: `t` is mean / √(variance / n), with `freedom` degrees of freedom of the variance. */
type Estimated = { t: number; n: number; freedom: number };

/** Variance of the effects that the alternative mixes over, in units of the variance of a difference. */
const MIXTURE = 1;

/**
 * The t test by mixture over normal effects: (1 + ng)^-½ · [(1 + t²/(ν(1 + ng))) / (1 + t²/ν)]^-((ν + 1)/2). Wang and Ramdas, "Anytime-valid t-tests
 * and confidence sequences for Gaussian means with unknown variance", arXiv 2310.03722.
 */
export function evidence({ t, n, freedom }: Estimated): number {
  const scale = 1 + n * MIXTURE;
  const square = (t * t) / freedom;
  if (square === Number.POSITIVE_INFINITY) return scale ** (freedom / 2);
  const log = -0.5 * Math.log(scale) - ((freedom + 1) / 2) * (Math.log1p(square / scale) - Math.log1p(square));
  return Math.exp(log);
}

/** The t at which the e-value reaches a threshold: the half-width of the confidence sequence; infinite where none is large enough. */
export function evidentT({ n, freedom }: Omit<Estimated, 't'>, threshold: number): number {
  const scale = 1 + n * MIXTURE;
  const ratio = (threshold * Math.sqrt(scale)) ** (-2 / (freedom + 1));
  return ratio > 1 / scale ? Math.sqrt((freedom * (1 - ratio)) / (ratio - 1 / scale)) : Number.POSITIVE_INFINITY;
}
