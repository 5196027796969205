/** The second source of noise: the test set is finite. */
import { incompleteGamma } from './gamma.ts';

/** How a config and the baseline disagree, on average over the paired seeds: `discordant` of `images` are right in one only. */
export type Disagreement = { discordant: number; images: number };

/**
 * Standard deviation, over seeds, of the difference in accuracy (share) that the discordant images alone imply if each of them is right in either
 * model by chance: √discordant / images. Dietterich 1998; Jordan, arXiv 2304.01910.
 */
const discordantDeviation = ({ discordant, images }: Disagreement): number => Math.sqrt(discordant) / images;

/** Below this probability the spread of the differences is flagged as implausibly small. */
export const IMPLAUSIBLE = 0.02;

/**
 * The probability that `n` differences (shares) with the deviation that the test set implies spread as little as `sd`: the lower tail of χ². With
 * two seeds, luck alone makes one row in fifty fall below IMPLAUSIBLE. NaN for fewer than two differences or no discordant image.
 */
export function spreadProbability({ sd, n }: { sd: number; n: number }, disagreement: Disagreement): number {
  const expected = discordantDeviation(disagreement);
  if (!(n >= 2 && expected > 0)) return Number.NaN;
  return incompleteGamma((n - 1) / 2, ((n - 1) / 2) * (sd / expected) ** 2).lower;
}
