/** Searches that stop runs early, on a function that training approaches epoch by epoch; `optuna_search.py` has the same for Optuna's pruners. */
import { FindSearch } from '@ablate/contracts';
import { equalRungs, type FindProblem, hyperbandRungs, simulate } from '@ablate/search';
import { z } from 'zod';
import { HARTMANN, sampleSpace } from './functions.ts';

const LENGTH = { epochs: 27, images: 1, leastEpochs: 1 };
/** Epochs of all runs, without those that confirm. */
export const EPOCHS = 30 * LENGTH.epochs;
const CONFIRM = 3;

export const Course = z.enum(['asha', 'hyperband', 'hyperband + tpe', 'bohb', 'median']);
export type Course = z.infer<typeof Course>;

const rungs = hyperbandRungs(LENGTH, 3, 1);
const COURSES = {
  asha: { rungs, sampler: 'random' },
  hyperband: { rungs, promotion: 'hyperband', sampler: 'random' },
  'hyperband + tpe': { rungs, promotion: 'hyperband', sampler: 'tpe' },
  bohb: { rungs, promotion: 'hyperband', sampler: 'bohb' },
  median: { rungs: equalRungs(LENGTH, 27, 1), promotion: { grace: 0 }, sampler: 'random' },
} as const satisfies Record<Course, Pick<FindProblem, 'rungs' | 'promotion'> & { sampler: string }>;

/** What is left to the minimum at the winner, with one worker. After e epochs a config is worse by (1 + 2b) / e, where b is its second coordinate. */
export function rungRegret(course: Course, seed: number): number {
  const { space, value, minimum } = HARTMANN;
  const { sampler, ...how } = COURSES[course];
  const { log } = simulate(
    {
      identity: course,
      find: {
        search: FindSearch.parse({ method: 'find', samples: 10_000, sampler, seed, parallel: 1, confirm: CONFIRM }),
        ...{ space: sampleSpace(space), baseline: null, seeds: [1], direction: -1, margin: null, ...how },
        budget: { epochs: EPOCHS + 2 * CONFIRM * LENGTH.epochs },
        lengthOf: () => LENGTH,
      },
    },
    {
      ...{ count: 1, commit: 'asked', secondsOf: () => 1 },
      resultOf: ({ axes, epochs }) => value(axes) + (1 + 2 * Number(axes['train.xb'])) / (epochs ?? LENGTH.epochs),
    },
  );
  const last = log.at(-1)?.decision;
  const winner = last?.kind === 'finish' ? last.winner : null;
  const [best] = log.flatMap(({ decision }) =>
    decision.kind === 'config' && decision.config === winner ? [decision.axes] : [],
  );
  return best ? value(best) - minimum : -minimum;
}
