/** Complaints about a search that need no points, and about too many points. */
import {
  count,
  isDeciding,
  jsonPointer,
  MAX_CONFIGS,
  MAX_RUNS,
  type PointerComplaint,
  type Spec,
} from '@ablate/contracts';
import type { Axes } from './axes.ts';
import { domainOf } from './domain.ts';
import { isChangeable } from './mid-training.ts';
import type { Method, Subspace } from './space.ts';

/** Candidates of a space with constraints, which may leave few of them. */
const MAX_CANDIDATES = 10 * MAX_CONFIGS;

/** Complaints about more points or runs than a sweep holds. */
export function tooLarge(
  { seeds: written, search }: Spec,
  { tooLarge: { pointer, remedy } }: Method,
  points: number,
): PointerComplaint[] {
  const seeds = search.method === 'compare' ? Math.max(written.length, search.maxSeeds) : written.length;
  const runs = points * seeds;
  if (points <= MAX_CONFIGS && runs <= MAX_RUNS) return [];
  const detail =
    `${count(points, 'point')} × ${count(seeds, 'seed')} are ${count(runs, 'run')}, but a sweep holds at most ` +
    `${count(MAX_CONFIGS, 'point')} and ${count(MAX_RUNS, 'run')}: ${remedy}`;
  return [{ pointer, detail }];
}

function tooManyCandidates(spec: Spec, method: Method, subspaces: readonly Subspace[]): PointerComplaint[] {
  const isConstrained = spec.constraints !== undefined && spec.constraints.length > 0;
  const most = isConstrained ? MAX_CANDIDATES : MAX_CONFIGS;
  const points = method.size(subspaces, most + 1);
  if (!isConstrained && points !== most + 1) return tooLarge(spec, method, points);
  if (points <= most) return [];
  const { pointer, remedy } = method.tooLarge;
  const held = isConstrained ? 'a space with constraints has' : 'a sweep holds';
  return [{ pointer, detail: `more than ${count(most, 'point')}, but ${held} at most as many: ${remedy}` }];
}

const invalidRanges = ({ search }: Spec, { acceptsRanges }: Method, { axes, pointer }: Axes): PointerComplaint[] =>
  axes.flatMap(([path, axis]) => {
    if (!('min' in axis)) return [];
    if (!acceptsRanges && axis.step === undefined)
      return [
        {
          pointer: pointer(path),
          detail: `${search.method} search needs a list of values or a range with a step; a range needs a search that draws, such as random or find`,
        },
      ];
    if (domainOf(axis) === null)
      return [{ pointer: pointer(path), detail: `no whole number between ${axis.min} and ${axis.max}` }];
    return [];
  });

/** A grid without axes is one config, repeated on its seeds; any other search has nothing to choose from. */
function emptySpace({ search }: Spec, subspaces: readonly Subspace[]): PointerComplaint[] {
  if (search.method === 'grid' || subspaces.some(({ domains }) => domains.length > 0)) return [];
  const detail = `has no axis from which ${search.method} could choose: add one, such as train.optimizer.learningRate, or use grid to train one config on its seeds`;
  return [{ pointer: jsonPointer(['space']), detail }];
}

/** Budgets that only a search that decides can keep: the others have all of their runs from the start. */
const strangeBudgets = ({ search, budget }: Spec): PointerComplaint[] =>
  (['runs', 'epochs', 'samplesSeen', 'wallClock'] as const).flatMap((limit) =>
    budget[limit] === undefined || isDeciding(search)
      ? []
      : [
          {
            pointer: jsonPointer(['budget', limit]),
            detail: `needs a search that decides, such as compare or find: ${search.method} has all of its runs from the start`,
          },
        ],
  );

/** A Gaussian process models one figure. */
function modelledCost({ search }: Spec): PointerComplaint[] {
  if (!('cost' in search) || search.cost === undefined) return [];
  const [name, sampler] = 'sampler' in search ? ['sampler', search.sampler] : ['method', search.method];
  if (sampler !== 'gp') return [];
  const detail = 'gp models the metric alone: search its front against a cost with tpe or auto';
  return [{ pointer: jsonPointer(['search', name]), detail }];
}

/** Members of a population are compared after equally many epochs on the same data, and differ in what may change while they train. */
function strangePopulation({ search, train }: Spec, subspaces: readonly Subspace[]): PointerComplaint[] {
  if (search.method !== 'pbt') return [];
  if (train.stop !== undefined) {
    const detail = 'the members of a population train equally long, so that one can go on from another: leave it out';
    return [{ pointer: jsonPointer(['train', 'stop']), detail }];
  }
  const paths = subspaces.flatMap(({ axes, pointer }) => axes.map(([path]) => ({ path, pointer: pointer(path) })));
  const unequal = paths.find(({ path }) => /^(dataset(\..*)?|train|train\.epochs|train\.stop(\..*)?)$/.test(path));
  if (unequal) {
    const detail = `the members of a population have the same data and train equally long: "${unequal.path}" cannot be an axis`;
    return [{ pointer: unequal.pointer, detail }];
  }
  if (paths.some(({ path }) => isChangeable(path))) return [];
  const detail =
    'none of the axes can change while a model trains: add one, such as train.optimizer.learningRate, or use another method, such as find';
  return [{ pointer: jsonPointer(['space']), detail }];
}

/** Complaints about budgets that the search cannot keep, about invalid ranges, and about too many runs. */
export function limitComplaints(spec: Spec, method: Method, subspaces: readonly Subspace[]): PointerComplaint[] {
  const budgets = [...strangeBudgets(spec), ...modelledCost(spec), ...strangePopulation(spec, subspaces)];
  if (budgets.length > 0) return budgets;
  const invalid = subspaces.flatMap((subspace) => invalidRanges(spec, method, subspace));
  if (invalid.length > 0) return invalid;
  const empty = emptySpace(spec, subspaces);
  return empty.length > 0 ? empty : tooManyCandidates(spec, method, subspaces);
}
