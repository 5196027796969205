/** Asks: how long they take in a large search, and that none repeats an earlier one. */
import { type Decision, FindSearch, type HistoryEntry, Space } from '@ablate/contracts';
import { countedRandom, randomKey } from '@ablate/random';
import { ask, openSearch, type Problem, rungsOf, type Sampler, type SampleSpace, type Trial } from '@ablate/search';
import { sampleSpace } from './functions.ts';

const DIMENSIONS = 10;
const LENGTH = { epochs: 27, images: 100, leastEpochs: 1 };

const tenRanges = (): SampleSpace =>
  sampleSpace(
    Space.parse(Object.fromEntries(Array.from({ length: DIMENSIONS }, (_, i) => [`train.x${i}`, { min: 0, max: 1 }]))),
  );

/** Trials at random points, with the squared distance from 0.3 as their loss. */
function filled(space: SampleSpace, count: number): Trial[] {
  return Array.from({ length: count }, (_, number): Trial => {
    const asked = ask(space, [], { sampler: 'random', seed: 0, number });
    if (!asked) throw new Error('no point');
    const distance = asked.point.raw.reduce<number>((sum, x) => sum + (Number(x) - 0.3) ** 2, 0);
    return { point: asked.point, score: -distance, depth: 0, seeds: 1 };
  });
}

/** Milliseconds of asks, sorted. */
export function askTimes(sampler: Sampler, { trials: count, asks }: { trials: number; asks: number }): number[] {
  const space = tenRanges();
  const trials = filled(space, count);
  let kernel: Parameters<typeof ask>[2]['kernel'];
  const times = Array.from({ length: asks + 1 }, (_, number) => {
    const begun = performance.now();
    const asked = ask(space, trials, { sampler, seed: 1, number: count + number, ...(kernel && { kernel }) });
    const taken = performance.now() - begun;
    kernel = asked?.kernel;
    return taken;
  });
  // The first is slow: nothing is compiled, and no kernel is known.
  return times.slice(1).sort((a, b) => a - b);
}

/** The value below which a share of the sorted values lies. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;

/** A search of `find` with so many samples of ten ranges, without a result yet. */
function longSearch(sampler: Sampler, samples: number): Problem {
  return {
    identity: 'steps',
    find: {
      search: FindSearch.parse({ method: 'find', samples, sampler }),
      ...{ space: tenRanges(), baseline: null, seeds: [1], direction: 1, margin: null, budget: {} },
      rungs: rungsOf(LENGTH, 3, samples),
      lengthOf: () => LENGTH,
    },
  };
}

/**
 * Milliseconds of the last steps of a search of so many configs, sorted: from a result to what is decided next. `replay`: of opening the search from its history. The
 * history is drawn at random, whatever the sampler.
 */
export function stepTimes(
  sampler: 'random' | 'tpe',
  { configs, steps }: { configs: number; steps: number },
): { times: number[]; replay: number } {
  const history: HistoryEntry[] = [];
  const asked: Extract<Decision, { kind: 'train' }>[] = [];
  let named = 0;
  const step = (search: ReturnType<typeof openSearch>, result?: HistoryEntry): void => {
    if (result) search.add(result);
    const decided = search.decide().map(({ decision }): HistoryEntry => ({ decision }));
    for (const entry of [...(result ? [result] : []), ...decided]) {
      history.push(entry);
      if (!('decision' in entry)) continue;
      if (entry.decision.kind === 'train') asked.push(entry.decision);
      if (entry.decision.kind === 'config') named++;
    }
  };
  const next = (): HistoryEntry | undefined => {
    const task = asked.shift();
    if (!task) return undefined;
    const { run, config, epochs } = task;
    const value = countedRandom(randomKey(5, 'value'), [config, 0]).uniform() - 1 / (epochs ?? LENGTH.epochs);
    return { result: { run, value } };
  };
  const drawn = openSearch(longSearch('random', configs - steps));
  step(drawn);
  for (let result = next(); result && named < configs - steps; result = next()) step(drawn, result);
  const begun = performance.now();
  const search = openSearch(longSearch(sampler, configs));
  for (const entry of history)
    search.add(
      'decision' in entry && entry.decision.kind === 'sampler' ? { decision: { ...entry.decision, sampler } } : entry,
    );
  const replay = performance.now() - begun;
  const times: number[] = [];
  for (let result = next(); result && named < configs; result = next()) {
    const from = performance.now();
    step(search, result);
    times.push(performance.now() - from);
  }
  return { times: times.sort((a, b) => a - b), replay };
}

/** Repeated configs among asks with so many workers, in a space of 2,000 points. */
export function duplicates(sampler: Sampler, { asks, workers }: { asks: number; workers: number }): number {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const space = sampleSpace(
    Space.parse({ 'train.a': numbers(20), 'train.b': { min: 1, max: 10, integer: true }, 'train.c': numbers(10) }),
  );
  const trials: Trial[] = [];
  const seen = new Set<string>();
  let repeated = 0;
  for (let number = 0; number < asks; number++) {
    const asked = ask(space, trials, { sampler, seed: 3, number });
    if (!asked) throw new Error(`exhausted after ${number} asks`);
    if (seen.has(asked.point.hash)) repeated++;
    seen.add(asked.point.hash);
    trials.push({ point: asked.point, score: null, depth: 0, seeds: 1 });
    const finished = trials[number - workers + 1];
    if (finished) {
      const [a = 0, b = 0, c = 0] = finished.point.raw.map(Number);
      const noise = countedRandom(randomKey(4, 'noise'), [number, 0]).normal();
      trials[number - workers + 1] = { ...finished, score: -((a - 7) ** 2) - (b - 3) ** 2 - (c - 5) ** 2 + noise };
    }
  }
  return repeated;
}
