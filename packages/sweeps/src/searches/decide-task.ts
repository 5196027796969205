/** The task of the thread in which searches decide: a Gaussian process takes seconds, and heartbeats must not wait for it. */
import { type HistoryEntry, Spec } from '@ablate/contracts';
import { openSearch, type Point } from '@ablate/search';
import { problemOf, type TrainedPart } from './problem.ts';

export type DecideTask = {
  spec: unknown;
  /** Of a search whose configs were written when it was submitted: these, and the number of the baseline. */
  configs: readonly TrainedPart[];
  baseline: number | null;
  history: readonly HistoryEntry[];
  /** What happened since, in the order in which it is committed. */
  news: readonly HistoryEntry[];
};

/** An entry to commit. `inputs`: of a decision; `point`: the config that a decision names. */
export type NewEntry = { entry: HistoryEntry; inputs: string | null; point: Point | null };

/** What follows from the news, one by one. A decision never depends on news after it. */
export default async (task: DecideTask): Promise<NewEntry[]> => {
  const { problem, pointOf } = problemOf(Spec.parse(task.spec), task);
  const search = openSearch(problem);
  for (const entry of task.history) search.add(entry);
  const entries: NewEntry[] = [];
  const decide = (): void => {
    for (const { decision, inputs } of search.decide()) {
      const point = decision.kind === 'config' ? (pointOf?.(decision.axes) ?? null) : null;
      entries.push({ entry: { decision }, inputs, point });
    }
  };
  decide();
  for (const entry of task.news) {
    search.add(entry);
    entries.push({ entry, inputs: null, point: null });
    decide();
  }
  return entries;
};
