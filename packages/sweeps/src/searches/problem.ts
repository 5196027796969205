/** From a spec to the problem that its search decides. */
import { directionOf, marginOf } from '@ablate/answers';
import { canonicalHash, configComplaints, DatasetChoice, type Search, type Spec, Train } from '@ablate/contracts';
import { checkpointComplaints } from '@ablate/models/checkpoint-size';
import { modelCost } from '@ablate/models/count';
import {
  epochsAt,
  equalRungs,
  type FindProblem,
  fixedPart,
  hyperbandRungs,
  lengthOf,
  mostPoints,
  openSpecSpace,
  type Problem,
  rungsOf,
  type SampleSpace,
  type SpecSpace,
} from '@ablate/search';
import { z } from 'zod';

/** What `compare` needs to know of a config. */
export const TrainedPart = z.object({ dataset: DatasetChoice, train: Train });
export type TrainedPart = z.infer<typeof TrainedPart>;

const ETA = 3;

/** Which sampler draws, and how configs go from rung to rung. */
function courseOf(
  search: Exclude<Extract<Search, { confirm: number }>, { method: 'pbt' }>,
  { longest, space }: Pick<SpecSpace, 'longest' | 'space'>,
  seeds: number,
): Pick<FindProblem, 'search' | 'rungs' | 'promotion'> {
  switch (search.method) {
    case 'find':
      return { search, rungs: rungsOf(longest, search.eta, Math.min(search.samples, mostPoints(space))) };
    case 'hyperband':
    case 'bohb': {
      const sampler = search.method === 'bohb' ? 'bohb' : search.sampler;
      const rungs = hyperbandRungs(longest, search.eta, seeds);
      return { search: { ...search, sampler }, rungs, promotion: 'hyperband' };
    }
    case 'median': {
      const rungs = equalRungs(longest, search.parts, seeds);
      return { search: { ...search, eta: ETA }, rungs, promotion: { grace: search.grace } };
    }
    default:
      return {
        search: { ...search, sampler: search.method, eta: ETA },
        rungs: [{ samples: longest.epochs * longest.images, seeds }],
      };
  }
}

function drawnProblem(spec: Spec, opened: SpecSpace): Omit<Extract<Problem, { find: object }>, 'identity'> {
  const { space, pointOf } = opened;
  const { search, seeds, compare, budget, baseline } = spec;
  if (!('confirm' in search) || search.method === 'pbt')
    throw new RangeError(`${search.method} draws no configs while it runs`);
  const own = baseline && pointOf(baseline);
  const { cost } = search;
  return {
    find: {
      ...courseOf(search, opened, seeds.length),
      ...{ space, seeds, budget, direction: directionOf(compare.metric), margin: marginOf(spec, compare.metric) },
      baseline: own ? { axes: baseline, hash: own.hash, raw: null } : null,
      lengthOf: (axes) => lengthOf(pointOf(axes).config),
      ...(cost && { costOf: (axes) => modelCost(pointOf(axes).config.model)[cost] }),
    },
  };
}

function populationProblem(
  spec: Spec,
  search: Extract<Search, { method: 'pbt' }>,
  { space, pointOf, longest }: SpecSpace,
): Omit<Extract<Problem, { pbt: object }>, 'identity'> {
  const { seeds, compare, budget, baseline } = spec;
  return {
    pbt: {
      ...{ search, space, seeds, budget },
      ...{ direction: directionOf(compare.metric), margin: marginOf(spec, compare.metric) },
      baseline: baseline ? { axes: baseline, hash: pointOf(baseline).hash } : null,
      ends: equalRungs(longest, search.parts, 1).map((rung) => epochsAt(rung, longest)),
      images: longest.images,
      fixedOf: (axes) => fixedPart(pointOf(axes).config),
    },
  };
}

/** The problem of a spec, the configs that axes give, and the space of a search that draws. @throws RangeError for a spec that this version cannot expand */
export function problemOf(
  spec: Spec,
  { configs, baseline }: { configs: readonly TrainedPart[]; baseline: number | null },
): { problem: Problem; pointOf: SpecSpace['pointOf'] | null; space: SampleSpace | null } {
  const identity = canonicalHash(spec);
  const { search, seeds, compare, budget } = spec;
  if (search.method === 'compare') {
    const lengths = configs.map(lengthOf);
    const facts = { configs: configs.length, baseline, seeds, budget };
    const scale = { direction: directionOf(compare.metric), margin: marginOf(spec, compare.metric) };
    return {
      problem: { identity, compare: { search, ...facts, ...scale, lengthOf: (i) => lengths[i]! } },
      ...{ pointOf: null, space: null },
    };
  }
  const ofCheckpoint = checkpointComplaints();
  const opened = openSpecSpace(spec, (config) => {
    const broken = configComplaints(config);
    return broken.length > 0 ? broken : ofCheckpoint(config);
  });
  if ('complaints' in opened)
    throw new RangeError(opened.complaints.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '));
  const { pointOf, space } = opened;
  if (search.method === 'pbt')
    return { problem: { identity, ...populationProblem(spec, search, opened) }, pointOf, space };
  if (search.method !== 'ask') return { problem: { identity, ...drawnProblem(spec, opened) }, pointOf, space };
  const asked = {
    ...{ search, space, seeds, budget, direction: directionOf(compare.metric) },
    lengthOf: (axes: Readonly<Record<string, unknown>>) => lengthOf(pointOf(axes).config),
  };
  return { problem: { identity, asked }, pointOf, space };
}
