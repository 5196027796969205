/** How many configs of a rung go on, by how well the rung has foretold the next one. */
import { expectedMaximum, kendallTau, mean, normalCdf, normalQuantile } from '@ablate/statistics';

/** Pairs of configs before anything is said. */
const MIN_PAIRS = 10;
/** Where configs are equal, a third of the pairs differ by more than the noise all the same: fewer than so many tell nothing. */
const MIN_DIFFERENT = 0.4;
/** With this probability the best config of a rung goes on. */
const KEEPS_BEST = 0.99;

/** `lower`, `upper`: of a config that has reached both rungs. `place`: among all configs of the lower rung, from 0 for the best. */
export type OnBoth = { lower: number; upper: number; place: number };

/** Blom's score: the expected standard normal value of a place among n. */
const normalScore = (place: number, n: number): number => -normalQuantile((place + 1 - 3 / 8) / (n + 1 / 4));

/**
 * The correlation of two rungs over all configs of the lower one, from tau of those that went on. For normal scores it is sin(π τ / 2) (Kruskal, "Ordinal measures of
 * association", 1958), corrected for the choice of the better ones: r u / √(1 + r²(u² - 1)), where u is how much narrower the chosen lie (Thorndike, "Personnel
 * selection", 1949, case 2).
 */
function correlation(tau: number, both: readonly OnBoth[], n: number): number {
  const r = Math.sin((Math.PI / 2) * Math.max(0, tau));
  const scores = both.map(({ place }) => normalScore(place, n));
  const centre = mean(scores);
  const variance = mean(scores.map((score) => (score - centre) ** 2));
  return variance < 1 ? r / Math.sqrt(variance + r * r * (1 - variance)) : r;
}

/**
 * The share of n configs to send on so that the best of them, of expected score m, is among these with probability .99: its score at a rung with correlation ρ is
 * normal with mean ρ m and variance 1 - ρ². "Ordinal optimization" (Ho, Sreenivas and Vakili, 1992).
 */
function shareFor(rho: number, n: number): number {
  const least =
    rho * expectedMaximum(Math.max(2, n)) - normalQuantile(KEEPS_BEST) * Math.sqrt(1 - Math.min(1, rho * rho));
  return 1 - normalCdf(least);
}

/**
 * What two rungs say of each other: Kendall's tau, how many pairs differ by more than `noise` at the upper one, and the share that goes on: 1/η if that is enough, else as
 * much as it takes, at most `most`; all if that is too little and `canSkip`. Null where too few pairs differ to tell.
 * @param noise standard error of a difference of two configs at the upper rung
 */
export function agreement(
  both: readonly OnBoth[],
  { n, eta, most, noise, canSkip }: { n: number; eta: number; most: number; noise: number; canSkip: boolean },
): { tau: number | null; pairs: number; share: number | null } {
  const { tau, pairs: all } = kendallTau(both.map(({ lower, upper }) => [lower, upper]));
  const { pairs } = kendallTau(
    both.map(({ upper }) => [upper, upper]),
    [noise, noise],
  );
  if (all < MIN_PAIRS || pairs < MIN_DIFFERENT * all) return { tau: all > 0 ? tau : null, pairs, share: null };
  const share = shareFor(correlation(tau, both, n), n);
  return { tau, pairs, share: share > most && canSkip ? 1 : Math.min(most, Math.max(1 / eta, share)) };
}
