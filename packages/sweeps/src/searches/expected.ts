/** What a search will ask for, before it begins. */
import { canonicalJson, type Spec } from '@ablate/contracts';
import { countedRandom, randomKey } from '@ablate/random';
import { mostConfirmed, type Point, type Problem, type Simulation, simulate } from '@ablate/search';
import { problemOf } from './problem.ts';

/**
 * `most`: runs at most. `trainings`: what the runs train together, as a number of whole trainings of a config. `confirmed`: the configs that are reported, and their fresh seeds; null if all
 * configs are, on the seeds of the spec.
 */
export type ExpectedSearch = {
  configs: number;
  runs: number;
  most: number;
  trainings: number;
  confirmed: { configs: number; seeds: number } | null;
};

/** Samples that are simulated; more cost in proportion. */
const SIMULATED = 100;

/** A search with results that are drawn at random. */
const drawn = (problem: Problem, count: number): Simulation =>
  simulate(problem, {
    ...{ count, commit: 'asked' },
    secondsOf: () => 1,
    resultOf: ({ axes, seed }) =>
      countedRandom(randomKey(0, canonicalJson(axes)), [0, 0]).uniform() +
      0.1 * countedRandom(randomKey(seed, canonicalJson(axes)), [1, 0]).uniform(),
  });

/** A population trains once, side by side; how many configs the schedule of the winner has is not known before. */
function expectedPopulation(spec: Spec, { pbt, identity }: Extract<Problem, { pbt: object }>): ExpectedSearch {
  const { population, quantile, confirm } = pbt.search;
  const { length } = pbt.ends;
  // Of a single part: how many members the space has.
  const { log } = drawn({ identity, pbt: { ...pbt, ends: pbt.ends.slice(-1), budget: {} } }, population);
  const members = log.filter(({ decision }) => decision.kind === 'config' && decision.by !== 'baseline').length;
  const forks = (length - 1) * Math.min(Math.ceil(quantile * members - 1e-9), Math.floor(members / 2));
  const [baseline, changes] = [spec.baseline ? 1 : 0, Math.round((length - 1) / 2)];
  return {
    configs: members + forks + baseline,
    runs: members + forks + confirm * (1 + changes + baseline),
    // All that fail are replaced.
    most: members * length + confirm * (length + baseline),
    trainings: members + confirm * (1 + baseline),
    confirmed: { configs: 1 + baseline, seeds: confirm },
  };
}

/**
 * The runs of a search with results that are drawn at random; null for one whose runs are known from the start. Configs of `compare` get the
 * seeds of the spec, which is what they cost if none is dropped early and none needs more.
 */
export function expectedSearch(spec: Spec, points: readonly Point[]): ExpectedSearch | null {
  const { search, seeds } = spec;
  if (search.method === 'grid' || search.method === 'random') return null;
  if (search.method === 'ask') {
    const runs = Math.min(search.samples * seeds.length, spec.budget.runs ?? Number.POSITIVE_INFINITY);
    return { configs: search.samples, runs, most: runs, trainings: runs, confirmed: null };
  }
  if (search.method === 'compare') {
    const runs = points.length * seeds.length;
    const most = Math.min(
      spec.budget.runs ?? Number.POSITIVE_INFINITY,
      points.length * Math.max(seeds.length, search.maxSeeds),
    );
    const trained = Math.min(runs, most);
    return { configs: points.length, runs: trained, most, trainings: trained, confirmed: null };
  }
  if (search.method === 'pbt') {
    const { problem } = problemOf(spec, { configs: [], baseline: null });
    return 'pbt' in problem ? expectedPopulation(spec, problem) : null;
  }
  const samples = Math.min(search.samples, SIMULATED);
  const { problem } = problemOf({ ...spec, search: { ...search, samples } }, { configs: [], baseline: null });
  if (!('find' in problem)) return null;
  const { find } = problem;
  const whole = Math.max(...find.rungs.map((rung) => rung.samples));
  const { log } = drawn(
    { ...problem, find: { ...find, search: { ...find.search, sampler: 'halton' } } },
    search.parallel,
  );
  const lengths = new Map<number, ReturnType<typeof find.lengthOf>>();
  const trained = new Map<number, number>();
  let samplesSeen = 0;
  for (const { decision } of log) {
    if (decision.kind === 'config') lengths.set(decision.config, find.lengthOf(decision.axes));
    if (decision.kind !== 'train') continue;
    const { epochs = 0, images = 0 } = lengths.get(decision.config) ?? {};
    const until = Math.min(epochs, decision.epochs ?? epochs);
    samplesSeen += (until - (trained.get(decision.run) ?? 0)) * images;
    trained.set(decision.run, until);
  }
  const scale = search.samples / samples;
  const configs = search.samples + (spec.baseline ? 1 : 0);
  const confirmed = { configs: mostConfirmed(find) + (spec.baseline ? 1 : 0), seeds: search.confirm };
  // The baseline gets three seeds at least.
  const most = configs * Math.max(3, ...find.rungs.map((rung) => rung.seeds)) + confirmed.configs * confirmed.seeds;
  return { configs, runs: Math.round(trained.size * scale), most, trainings: (scale * samplesSeen) / whole, confirmed };
}
