/** Exact inference on counts: one share, and two classifiers on the same images. */
import { betaQuantile, incompleteBeta } from './beta.ts';
import { logExcess, stirlingError } from './gamma.ts';

export type Interval = { low: number; high: number };

/** P(X = successes) for the binomial distribution (Loader 2000). */
function binomialDensity(successes: number, trials: number, share: number): number {
  const failures = trials - successes;
  if (successes < 0 || failures < 0) return 0;
  if (share <= 0) return successes === 0 ? 1 : 0;
  if (share >= 1) return failures === 0 ? 1 : 0;
  if (successes === 0) return Math.exp(trials * Math.log1p(-share));
  if (failures === 0) return Math.exp(trials * Math.log(share));
  const excess = trials * share - successes;
  const exponent =
    successes * logExcess((trials * share) / successes, excess / successes) +
    failures * logExcess((trials * (1 - share)) / failures, -excess / failures);
  return (
    Math.sqrt(trials / (2 * Math.PI * successes * failures)) *
    Math.exp(exponent + stirlingError(trials) - stirlingError(successes) - stirlingError(failures))
  );
}

/** P(X ≤ successes). */
const binomialCdf = (successes: number, trials: number, share: number): number =>
  successes < 0
    ? 0
    : successes >= trials
      ? 1
      : incompleteBeta(successes + 1, trials - successes, share, 1 - share).upper;

/** P(X ≥ successes). */
const binomialAtLeast = (successes: number, trials: number, share: number): number =>
  successes <= 0
    ? 1
    : successes > trials
      ? 0
      : incompleteBeta(successes, trials - successes + 1, share, 1 - share).lower;

/** Exact confidence interval of a share at level 1 - alpha. Clopper and Pearson 1934. (0, 1) for no trials. */
export const binomialInterval = (successes: number, trials: number, alpha = 0.05): Interval => ({
  low: successes === 0 ? 0 : betaQuantile(alpha / 2, successes, trials - successes + 1),
  high: successes === trials ? 1 : betaQuantile(1 - alpha / 2, successes + 1, trials - successes),
});

/**
 * Exact two-sided binomial test: the probability of all counts that are no more likely than the one seen. Counts within one part in
 * 10⁷ are as likely, as in R's `binom.test` and SciPy's `binomtest`. O(log trials) densities.
 */
export function binomialTest(successes: number, trials: number, share = 0.5): number {
  const limit = binomialDensity(successes, trials, share) * (1 + 1e-7);
  const below = successes <= trials * share;
  if (successes === trials * share) return 1;
  // On the other side of the mode the density falls monotonically away from it: bisect for the first count that is unlikely enough.
  let [near, far] = below
    ? [Math.ceil(trials * share), trials + 1] // near may be too likely, far is not
    : [Math.floor(trials * share), -1];
  const unlikely = (count: number): boolean => binomialDensity(count, trials, share) <= limit;
  if (unlikely(near)) far = near;
  while (Math.abs(far - near) > 1) {
    const middle = Math.trunc((near + far) / 2);
    if (unlikely(middle)) far = middle;
    else near = middle;
  }
  const p = below
    ? binomialCdf(successes, trials, share) + binomialAtLeast(far, trials, share)
    : binomialAtLeast(successes, trials, share) + binomialCdf(far, trials, share);
  return Math.min(1, p);
}

/**
 * Exact McNemar test that two classifiers are equally often right on the same images: `onlyA` images that only A classifies correctly,
 * `onlyB` that only B does. Dietterich 1998. 1 without a discordant image.
 */
export const mcnemar = (onlyA: number, onlyB: number): number =>
  Math.min(1, 2 * binomialCdf(Math.min(onlyA, onlyB), onlyA + onlyB, 0.5));
