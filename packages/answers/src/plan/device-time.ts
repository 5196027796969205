/** Device time of runs that have not run, from like runs that have. */
import type { SweepPlan } from '@ablate/contracts';
import type { Evaluated, Work } from './work.ts';

/** A run that succeeded. */
export type MeasuredRun = {
  family: string;
  macs: number;
  /** `datasetKey` of its config. */
  dataset: string;
  /** Images of one epoch of training. */
  epochImages: number;
  epochs: number;
  /** Device seconds that reached its result. */
  seconds: number;
} & Evaluated;

/** Like runs that an estimate uses: the nearest. */
const NEAREST = 20;
/** Shares of like runs between which an estimate lies: four of five. */
const [LOW, HIGH] = [0.1, 0.9];
/** Another session, machine or load changes the time of an equal run by this factor. */
const LEAST_STRETCH = 1.1;
/** However unlike the runs are, an estimate is not called worse than this. */
const MOST_STRETCH = 4;

/** The value below which a share of sorted values lies, interpolated. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? below;
  return below + (at - Math.floor(at)) * (above - below);
}

/** Work of an image that is evaluated, one forward pass, relative to one that is trained on. */
const EVALUATED = 1 / 3;

/** Images of a whole run, those that are evaluated by their work. */
const imagesOf = (run: Pick<MeasuredRun, 'epochImages' | 'epochs'> & Evaluated): number =>
  run.epochs * run.epochImages * (1 + (EVALUATED * run.validation) / (1 - run.validation)) + EVALUATED * run.testImages;

/** Seconds for each multiply-accumulate of a forward pass of an image. */
type Rate = { middle: number; low: number; high: number; used: readonly MeasuredRun[] };

/**
 * The rate of the runs nearest to `macs` and `images`, by their ratios. The range widens with the square root of how much larger or smaller
 * those are. Null without runs.
 */
function rateNear(runs: readonly MeasuredRun[], { macs, images }: { macs: number; images: number }): Rate | null {
  const near = runs
    .map((run) => ({ run, away: Math.abs(Math.log(run.macs / macs)) + Math.abs(Math.log(imagesOf(run) / images)) }))
    .sort((a, b) => a.away - b.away)
    .slice(0, NEAREST);
  if (near.length === 0) return null;
  const rates = near.map(({ run }) => run.seconds / (run.macs * imagesOf(run))).sort((a, b) => a - b);
  const aways = near.map(({ away }) => away);
  const stretch = Math.min(MOST_STRETCH, Math.max(LEAST_STRETCH, Math.exp(quantile(aways, 0.5) / 2)));
  return {
    middle: quantile(rates, 0.5),
    low: quantile(rates, LOW) / stretch,
    high: quantile(rates, HIGH) * stretch,
    used: near.map(({ run }) => run),
  };
}

/** Configs whose multiply-accumulates and images are equal to a tenth share a rate: there may be 10,000. */
const coarse = (value: number): number => Math.round(10 * Math.log(value));

/** Why there is no estimate, or the device time of all runs. */
export type DeviceTime = { estimate: NonNullable<SweepPlan['device']> } | { missing: string };

/** Device time of `seeds` runs of each config, which may be a fraction. */
export function deviceTimeOf(
  work: readonly Work[],
  { seeds, measured }: { seeds: number; measured: readonly MeasuredRun[] },
): DeviceTime {
  const sum = { seconds: 0, low: 0, high: 0 };
  const used = new Set<MeasuredRun>();
  const epochs = new Map(measured.map(({ dataset, epochImages }) => [dataset, epochImages]));
  const rates = new Map<string, Rate | null>();
  for (const one of work) {
    const epochImages = one.epochImages ?? epochs.get(one.dataset) ?? null;
    if (epochImages === null) return { missing: 'the number of its images is known when the data set is packed' };
    const images = imagesOf({ ...one, epochImages });
    const key = `${one.family} ${coarse(one.macs)} ${coarse(images)}`;
    const known = rates.get(key);
    const like = () => measured.filter(({ family }) => family === one.family);
    const rate = known === undefined ? rateNear(like(), { macs: one.macs, images }) : known;
    rates.set(key, rate);
    if (rate === null) return { missing: `no ${one.family} run has finished` };
    for (const run of rate.used) used.add(run);
    const amount = seeds * one.configs * one.macs * images;
    sum.seconds += rate.middle * amount;
    sum.low += rate.low * amount;
    sum.high += rate.high * amount;
  }
  return { estimate: { ...sum, runs: used.size } };
}
