/** Device time of runs that have not run, from like runs that have. */
import type { SweepPlan } from '@ablate/contracts';
import { mean, median, studentQuantile } from '@ablate/statistics';
import type { Evaluated, Work } from './work.ts';

/** A run that succeeded. `sweep`: which one it is of. */
export type MeasuredRun = {
  sweep: string;
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
/** Four of five intervals hold the time that a sweep takes. */
const HIGH = 0.9;
/**
 * Before sweeps show it: another session or load changes the time of equal runs by this factor (one standard deviation), an assumption that weighs as much as so many
 * sweeps.
 */
const ASSUMED = { spread: Math.log(1.5), sweeps: 3 };
/** However unlike the runs are, an estimate is not called worse than this for it. */
const MOST_STRETCH = 4;

/** Work of an image that is evaluated, one forward pass, relative to one that is trained on. */
const EVALUATED = 1 / 3;

/** Images of a whole run, those that are evaluated by their work. */
const imagesOf = (run: Pick<MeasuredRun, 'epochImages' | 'epochs'> & Evaluated): number =>
  run.epochs * run.epochImages * (1 + (EVALUATED * run.validation) / (1 - run.validation)) + EVALUATED * run.testImages;

/** Seconds for each multiply-accumulate of a forward pass of an image. `stretch`: how far off it may be since the runs are smaller or larger, a factor. */
type Rate = { middle: number; stretch: number; used: readonly MeasuredRun[] };

function groups(runs: readonly MeasuredRun[], key: (run: MeasuredRun) => string): Map<string, MeasuredRun[]> {
  const found = new Map<string, MeasuredRun[]>();
  for (const run of runs) {
    const group = found.get(key(run));
    if (group) group.push(run);
    else found.set(key(run), [run]);
  }
  return found;
}

const rateOf = (run: MeasuredRun): number => run.seconds / (run.macs * imagesOf(run));

/** The rate of the runs nearest to `macs` and `images`, by their ratios. It stretches with the square root of how much larger or smaller those are. Null without runs. */
function rateNear(runs: readonly MeasuredRun[], { macs, images }: { macs: number; images: number }): Rate | null {
  const near = runs
    .map((run) => ({ run, away: Math.abs(Math.log(run.macs / macs)) + Math.abs(Math.log(imagesOf(run) / images)) }))
    .sort((a, b) => a.away - b.away)
    .slice(0, NEAREST);
  if (near.length === 0) return null;
  const used = near.map(({ run }) => run);
  const away = median(near.map((one) => one.away));
  return { middle: median(used.map(rateOf)), stretch: Math.min(MOST_STRETCH, Math.exp(away / 2)), used };
}

/**
 * The factor by which a sweep may be slower or faster than those of its family so far. Runs of one sweep share its session and its load, so sweeps are what counts, however
 * many runs they have: the spread s of their mean logarithms of rates, moderated towards the assumption, gives exp(t s √(1 + 1/J)) for J sweeps, with Student's t.
 */
function sweepFactor(runs: readonly MeasuredRun[]): number {
  const sweeps = [...groups(runs, ({ sweep }) => sweep).values()].map((of) =>
    mean(of.map((run) => Math.log(rateOf(run)))),
  );
  const freedom = ASSUMED.sweeps + sweeps.length - 1;
  const centre = mean(sweeps);
  const squares = sweeps.reduce((sum, rate) => sum + (rate - centre) ** 2, 0);
  const spread = Math.sqrt((ASSUMED.sweeps * ASSUMED.spread ** 2 + squares) / freedom);
  return Math.exp(studentQuantile(HIGH, freedom) * spread * Math.sqrt(1 + 1 / sweeps.length));
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
  const families = groups(measured, ({ family }) => family);
  const factors = new Map([...families].map(([family, runs]) => [family, sweepFactor(runs)]));
  const rates = new Map<string, Rate | null>();
  for (const one of work) {
    const epochImages = one.epochImages ?? epochs.get(one.dataset) ?? null;
    if (epochImages === null) return { missing: 'the number of its images is known when the data set is packed' };
    const images = imagesOf({ ...one, epochImages });
    const key = `${one.family} ${coarse(one.macs)} ${coarse(images)}`;
    const known = rates.get(key);
    const like = () => families.get(one.family) ?? [];
    const rate = known === undefined ? rateNear(like(), { macs: one.macs, images }) : known;
    rates.set(key, rate);
    if (rate === null) return { missing: `no ${one.family} run has finished` };
    for (const run of rate.used) used.add(run);
    const amount = seeds * one.configs * one.macs * images;
    // Two independent errors.
    const off = Math.exp(Math.hypot(Math.log(rate.stretch), Math.log(factors.get(one.family) ?? 1)));
    sum.seconds += rate.middle * amount;
    sum.low += (rate.middle / off) * amount;
    sum.high += rate.middle * off * amount;
  }
  return { estimate: { ...sum, runs: used.size } };
}
