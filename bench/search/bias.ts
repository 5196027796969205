/** How much the reported winner of a search is flattered, where every config is equally good. */
import { canonicalHash, FindSearch, Space } from '@ablate/contracts';
import { countedRandom, randomKey } from '@ablate/random';
import { type Problem, rungsOf, simulate } from '@ablate/search';
import { sampleSpace } from './functions.ts';

const LENGTH = { epochs: 9, images: 1, leastEpochs: 1 };

/** Mean of what is expected of the winner, and of the best of the first twelve results, in standard deviations of one result. */
export function bias(searches: number): { reported: number; bestOfTwelve: number } {
  const space = sampleSpace(Space.parse({ 'train.x': { min: 0, max: 1 } }));
  let [reported, bestOfTwelve] = [0, 0];
  for (let number = 0; number < searches; number++) {
    const key = randomKey(number, 'bias');
    const problem: Problem = {
      identity: 'bias',
      find: {
        search: FindSearch.parse({ method: 'find', samples: 27, seed: number, sampler: 'random' }),
        space,
        baseline: { axes: {}, hash: canonicalHash('baseline'), raw: null },
        ...{ seeds: [1, 2, 3], direction: 1, margin: null, rungs: rungsOf(LENGTH, 3, 27), budget: {} },
        lengthOf: () => LENGTH,
      },
    };
    const { log, history } = simulate(problem, {
      ...{ count: 8, commit: 'completed', secondsOf: () => 1 },
      // Independent results, also of one run at different rungs: nothing but luck.
      resultOf: ({ run, epochs }) => countedRandom(key, [run, epochs ?? 0]).normal(),
    });
    const last = log.at(-1)?.decision;
    if (last?.kind !== 'finish') throw new Error('a search did not finish');
    reported += last.expected ?? Number.NaN;
    const first = history.flatMap((entry) => ('result' in entry ? [entry.result.value ?? 0] : [])).slice(0, 12);
    bestOfTwelve += Math.max(...first);
  }
  return { reported: reported / searches, bestOfTwelve: bestOfTwelve / searches };
}
