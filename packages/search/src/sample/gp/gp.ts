/** Bayesian optimisation with a Gaussian process: small searches over few parameters. */
import type { Raw, SampleSpace } from '../sample-space.ts';
import type { Trial } from '../trial.ts';
import { encode } from './encoding.ts';
import { propose } from './propose.ts';
import {
  condition,
  fitKernel,
  type Kernel,
  noiseOf,
  type Observation,
  pairDistances,
  unitKernel,
} from './regression.ts';
import { BENDS, warp } from './warp.ts';

/** Configs up to which a fit takes seconds at most; beyond, TPE is used. */
export const MAX_GP_CONFIGS = 250;
/** Configs up to which a kernel is also fitted from the start: few results may have several good ones, of which the last was found with less. */
const FRESH = 50;

/** Scores of trials; failed ones count as the worst, and all the same if none has succeeded. */
function scoresOf(trials: readonly Trial[]): number[] {
  const scores = trials.map(({ score }) => score ?? Number.NEGATIVE_INFINITY);
  const finite = scores.filter(Number.isFinite);
  const worst = finite.length > 0 ? Math.min(...finite) : 0;
  return scores.map((score) => (Number.isFinite(score) ? score : worst));
}

/** A fitted process over the trials with a score, of which there is at least one: on the scale, and with the kernel, of the largest posterior. */
function fit(space: SampleSpace, done: readonly Trial[], start?: Kernel) {
  const domains = space.dimensions.map(({ domain }) => domain);
  const points = done.map(({ point, seeds }) => ({
    x: encode(domains, point.coordinates),
    seeds: Math.max(1, seeds),
  }));
  const distances = pairDistances(
    domains,
    points.map(({ x }) => x),
  );
  const unit = unitKernel(domains.length);
  const starts = start && done.length > FRESH ? [start] : start ? [start, unit] : [unit];
  const scores = scoresOf(done);
  const fits = BENDS.flatMap((bend) => {
    const { values, logSlope } = warp(scores, bend);
    const observations = points.map((point, i): Observation => ({ ...point, value: values[i]! }));
    return starts.map((from) => {
      const { kernel, loss } = fitKernel(distances, observations, from);
      return { observations, kernel, loss: loss - logSlope };
    });
  });
  const { observations, kernel } = fits.reduce((best, one) => (one.loss < best.loss ? one : best));
  const posterior = condition(domains, observations, kernel);
  // What each would have without its noise: the expectation, but exact where there is none.
  const means = observations.map((one, i) => one.value - noiseOf(kernel, one) * posterior.alpha[i]!);
  return { domains, observations, kernel, posterior, means };
}

/** The trial whose expected score is the largest: less lucky than the one with the best score. @throws RangeError without a score */
export function mostPromising(space: SampleSpace, trials: readonly Trial[], start?: Kernel): Trial {
  const done = trials.filter(({ score }) => score !== null);
  const { means } = fit(space, done, start);
  const best = done[means.indexOf(Math.max(...means))];
  if (!best) throw new RangeError('no trial has a score');
  return best;
}

/**
 * Candidates for the next ask, the most promising first, and the kernel from which the next fit starts. Trials without a score count as if they had the
 * expected one (Ginsbourger, Le Riche and Carraro 2010), so that workers do not try the same.
 */
export function gp(
  space: SampleSpace,
  trials: readonly Trial[],
  { seed, number, start }: { seed: number; number: number; start?: Kernel },
): { kernel: Kernel; candidates: Iterable<Raw> } {
  const done = trials.filter(({ score }) => score !== null);
  const { domains, observations, kernel, posterior, means } = fit(space, done, start);
  const incumbent = done[means.indexOf(Math.max(...means))]!.point.raw;
  const running = trials
    .filter(({ score }) => score === null)
    .map(({ point }): Observation => {
      const x = encode(domains, point.coordinates);
      return { x, value: posterior.at(x).mean, seeds: 1 };
    });
  const given = running.length > 0 ? condition(domains, [...observations, ...running], kernel) : posterior;
  return { kernel, candidates: propose(space, given, { incumbent, seed, number }) };
}
