/** What a search decides after a history. Pure: no clock and no I/O, and every random number follows from (seed of the search, ask, purpose). */
import type { HistoryEntry } from '@ablate/contracts';
import { type AskProblem, asked } from './asked.ts';
import { type CompareProblem, compare } from './compare.ts';
import { type FindProblem, find } from './find.ts';
import { type Deciding, type LoggedDecision, type OpenSearch, openLog } from './log.ts';
import { type PbtProblem, pbt } from './pbt.ts';

/** `identity`: what names the search, such as the canonical hash of its spec and the version of the code. */
export type Problem = { identity: string } & (
  | { compare: CompareProblem }
  | { find: FindProblem }
  | { pbt: PbtProblem }
  | { asked: AskProblem }
);

function methodOf(problem: Problem): Deciding {
  if ('compare' in problem) return compare(problem.compare);
  if ('find' in problem) return find(problem.find);
  return 'pbt' in problem ? pbt(problem.pbt) : asked(problem.asked);
}

/** A search to which entries of its history are added one by one: what a controller keeps. */
export const openSearch = (problem: Problem): OpenSearch => openLog(methodOf(problem), problem.identity);

/** The decisions that follow from a history, in order. The same history gives the same decisions, with the same hashes of their inputs. */
export function decide(problem: Problem, history: Iterable<HistoryEntry>): LoggedDecision[] {
  const search = openSearch(problem);
  for (const entry of history) search.add(entry);
  return search.decide();
}
