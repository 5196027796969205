/** The task of the thread in which searches decide: a Gaussian process takes seconds, and heartbeats must not wait for it. */
import { type HistoryEntry, Spec } from '@ablate/contracts';
import { openSearch, type Point } from '@ablate/search';
import { problemOf, type TrainedPart } from './problem.ts';

/** What a search is opened from, if the thread does not have it open. */
export type Opening = {
  spec: unknown;
  /** Of a search whose configs were written when it was submitted: these, and the number of the baseline. */
  configs: readonly TrainedPart[];
  baseline: number | null;
  history: readonly HistoryEntry[];
};

export type DecideTask = {
  sweepId: string;
  /** Entries of the history. */
  after: number;
  /** What happened since, in the order in which it is committed. */
  news: readonly HistoryEntry[];
  opening?: Opening;
};

/** An entry to commit. `inputs`: of a decision; `point`: the config that a decision names. */
export type NewEntry = { entry: HistoryEntry; inputs: string | null; point: Point | null };

type Opened = {
  search: ReturnType<typeof openSearch>;
  pointOf: ReturnType<typeof problemOf>['pointOf'];
  entries: number;
};

/** Entries of all searches that stay open; the replay of so many takes seconds. */
const MOST_ENTRIES = 250_000;
const opened = new Map<string, Opened>();

function open({ spec, history, ...parts }: Opening): Opened {
  const { problem, pointOf } = problemOf(Spec.parse(spec), parts);
  const search = openSearch(problem);
  for (const entry of history) search.add(entry);
  return { search, pointOf, entries: history.length };
}

/** What follows from the news, one by one; null if the search must be opened first. A decision never depends on news after it. */
export default async ({ sweepId, after, news, opening }: DecideTask): Promise<NewEntry[] | null> => {
  const known = opened.get(sweepId);
  // What fails half-way is not to be found again.
  opened.delete(sweepId);
  const one = opening ? open(opening) : known;
  if (one?.entries !== after) return null;
  const entries: NewEntry[] = [];
  const decide = (): void => {
    for (const { decision, inputs } of one.search.decide()) {
      const point = decision.kind === 'config' ? (one.pointOf?.(decision.axes) ?? null) : null;
      entries.push({ entry: { decision }, inputs, point });
    }
  };
  decide();
  for (const entry of news) {
    one.search.add(entry);
    entries.push({ entry, inputs: null, point: null });
    decide();
  }
  one.entries += entries.length;
  opened.set(sweepId, one);
  let total = [...opened.values()].reduce((sum, other) => sum + other.entries, 0);
  for (const [oldest, other] of opened) {
    if (total <= MOST_ENTRIES || other === one) break;
    opened.delete(oldest);
    total -= other.entries;
  }
  return entries;
};
