/** The sampler that suits a space and a number of configs. */
import type { SamplerName } from '@ablate/contracts';
import { domainSize } from '../domain.ts';
import { MAX_GP_CONFIGS } from './gp/gp.ts';
import { isOpen, type SampleSpace } from './sample-space.ts';

/** Dimensions up to which a plain Gaussian process suffices (arXiv 2402.02746, 2502.09198) and its fit takes seconds. */
const MAX_GP_DIMENSIONS = 15;

/** How many points a space has at most; infinite for one with a continuous dimension. */
export const mostPoints = ({ dimensions }: Pick<SampleSpace, 'dimensions'>): number =>
  dimensions.filter(isOpen).reduce((product, { domain }) => product * domainSize(domain), 1);

/** Whether `samples` configs are all that a space has: then no model is needed. */
const isListed = (points: number, samples: number): boolean => points <= samples;

/** @param byCost whether configs are ranked by their Pareto front */
export function chooseSampler(
  wanted: SamplerName,
  space: SampleSpace,
  samples: number,
  byCost = false,
): { sampler: Exclude<SamplerName, 'auto'>; why: string } {
  if (wanted !== 'auto') return { sampler: wanted, why: 'the spec names it' };
  const open = space.dimensions.filter(isOpen);
  const points = mostPoints(space);
  if (isListed(points, samples))
    return { sampler: 'random', why: `the space has at most ${points} points, which are all tried` };
  if (byCost)
    return { sampler: 'tpe', why: 'a Gaussian process models the metric alone, not its front against the cost' };
  if (samples > MAX_GP_CONFIGS)
    return {
      sampler: 'tpe',
      why: `${samples} samples are more than ${MAX_GP_CONFIGS}, the limit of a Gaussian process`,
    };
  if (open.length > MAX_GP_DIMENSIONS)
    return {
      sampler: 'tpe',
      why: `${open.length} dimensions are more than ${MAX_GP_DIMENSIONS}, the limit of a Gaussian process`,
    };
  return {
    sampler: 'gp',
    why: `${samples} samples of ${open.length} dimensions are few enough for a Gaussian process`,
  };
}
