/** The noise that a sweep will have: that of earlier runs on its data set, or an assumption. */
import { standardDeviation, sweepVerdict } from '@ablate/statistics';
import type { Values } from '../input.ts';

/** The results of one earlier sweep on the data set, by config and seed. */
export type EarlierSweep = {
  values: Values;
  /** Whether its runs see about as many images as those that are planned. */
  alike: boolean;
};

/** Standard deviation of one result around config + seed. */
export type PlannedNoise = { sd: number; source: 'runs' | 'runs of other lengths' | 'assumption'; runs: number };

/**
 * Share of test images that two seeds of a config classify differently, if nothing is measured. 5 to 25 % are usual on CIFAR-10 (Jordan, arXiv
 * 2304.01910; `discordance` in answers of such sweeps).
 */
export const ASSUMED_DISCORDANCE = 0.2;

/** Variance, degrees of freedom and number of results of one sweep; null without two results of a config. */
function spreadOf({ values }: EarlierSweep): { variance: number; freedom: number; runs: number } | null {
  const results = [...values].flatMap(([config, seeds]) =>
    [...seeds].map(([seed, value]) => ({ config, seed, value })),
  );
  const [first] = values.keys();
  if (first === undefined) return null;
  if (values.size > 1) {
    const { noise } = sweepVerdict(results, { baseline: first });
    return noise && { variance: noise.sd ** 2, freedom: noise.freedom, runs: results.length };
  }
  // One config: its own spread, which holds the effect of the seed too.
  const sd = standardDeviation(results.map(({ value }) => value));
  return sd > 0 ? { variance: sd ** 2, freedom: results.length - 1, runs: results.length } : null;
}

function pooled(sweeps: readonly EarlierSweep[]): { sd: number; runs: number } | null {
  const spreads = sweeps.flatMap((sweep) => spreadOf(sweep) ?? []);
  const freedom = spreads.reduce((sum, one) => sum + one.freedom, 0);
  if (freedom === 0) return null;
  const variance = spreads.reduce((sum, one) => sum + one.variance * one.freedom, 0) / freedom;
  return { sd: Math.sqrt(variance), runs: spreads.reduce((sum, one) => sum + one.runs, 0) };
}

/** The noise of earlier runs, of those of like length if there are any; of accuracy without any, what `testImages` alone imply. */
export function plannedNoise(
  earlier: readonly EarlierSweep[],
  { testImages, metric }: { testImages: number | undefined; metric: 'accuracy' | 'loss' },
): PlannedNoise | null {
  const like = pooled(earlier.filter(({ alike }) => alike));
  if (like) return { ...like, source: 'runs' };
  const other = pooled(earlier);
  if (other) return { ...other, source: 'runs of other lengths' };
  if (metric !== 'accuracy' || testImages === undefined) return null;
  return { sd: Math.sqrt(ASSUMED_DISCORDANCE / testImages / 2), source: 'assumption', runs: 0 };
}
