/** Bayesian optimisation with a Gaussian process: small searches over few parameters. */
import type { Raw, SampleSpace } from '../sample-space.ts';
import type { Trial } from '../trial.ts';
import { encode } from './encoding.ts';
import { propose } from './propose.ts';
import { condition, fitKernel, type Kernel, type Observation, unitKernel } from './regression.ts';

/** Configs up to which a fit takes seconds at most; beyond, TPE is used. */
export const MAX_GP_CONFIGS = 250;

/** The trials with a score as observations whose mean is 0 and variance 1; failed ones count as the worst. */
function observe(space: SampleSpace, trials: readonly Trial[]): Observation[] {
  const domains = space.dimensions.map(({ domain }) => domain);
  const scores = trials.map(({ score }) => score ?? Number.NEGATIVE_INFINITY);
  const finite = scores.filter(Number.isFinite);
  const worst = Math.min(...finite);
  const values = scores.map((score) => (Number.isFinite(score) ? score : worst));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
  return trials.map(({ point, seeds }, i) => ({
    x: encode(domains, point.coordinates),
    value: (values[i]! - mean) / deviation,
    seeds: Math.max(1, seeds),
  }));
}

/** A fitted process over the trials with a score, of which there is at least one. */
function fit(space: SampleSpace, done: readonly Trial[], start?: Kernel) {
  const domains = space.dimensions.map(({ domain }) => domain);
  const observations = observe(space, done);
  const kernel = fitKernel(domains, observations, start ?? unitKernel(domains.length));
  const posterior = condition(domains, observations, kernel);
  const means = observations.map(({ x }) => posterior.at(x).mean);
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
  const threshold = Math.max(...means);
  const incumbent = done[means.indexOf(threshold)];
  const running = trials
    .filter(({ score }) => score === null)
    .map(({ point }): Observation => {
      const x = encode(domains, point.coordinates);
      return { x, value: posterior.at(x).mean, seeds: 1 };
    });
  const all = [...observations, ...running];
  const candidates = propose(space, running.length > 0 ? condition(domains, all, kernel) : posterior, {
    observations: all,
    threshold,
    incumbents: incumbent ? [incumbent.point.raw] : [],
    seed,
    number,
  });
  return { kernel, candidates };
}
