/** The task of the thread in which searches decide: a Gaussian process takes seconds, and heartbeats must not wait for it. */
import { type Ask, type Decision, type HistoryEntry, type PointerComplaint, Spec } from '@ablate/contracts';
import { locate, openSearch, type Point } from '@ablate/search';
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
  /** The sweep whose search stays open, and the entries of its history; null: it does not. */
  kept: { sweepId: string; after: number } | null;
  opening?: Opening;
  /** What happened since, in the order in which it is committed. */
  news: readonly HistoryEntry[];
  /** A config that a caller asks for now. */
  ask?: Ask;
};

/** An entry to commit. `inputs`: of a decision; `point`: the config that a decision names. */
export type NewEntry = { entry: HistoryEntry; inputs: string | null; point: Point | null };

/** What to commit; or, of an ask, why it is refused, or the number of the config, if it was asked for before. */
export type Decided = { entries: NewEntry[] } | { refused: PointerComplaint[] } | { known: number };

/** Why there is no config to try. */
const REFUSED: Record<Extract<Decision, { kind: 'enough' }>['why'], string> = {
  exhausted: 'the space has no other valid config',
  runs: 'the budget of runs allows no other config',
  epochs: 'the budget of epochs allows no other config',
  samplesSeen: 'the budget of samples allows no other config',
  deviceHours: 'the budget of device hours is used up',
  wallClock: 'the time is up',
  caller: 'its caller has ended the sweep',
};

/** The entry of an ask. Of a config that the caller gives, its place in the space; complains if it has none. */
function askEntry(
  { axes, train }: Ask,
  { pointOf, space }: Pick<ReturnType<typeof problemOf>, 'pointOf' | 'space'>,
): Extract<HistoryEntry, { ask: object }> | { complaints: PointerComplaint[] } {
  if (axes === undefined) return { ask: { point: null, train } };
  if (space === null || pointOf === null) throw new RangeError('this search cannot be asked for a config');
  const located = locate(space, axes);
  if ('complaints' in located) return located;
  try {
    // With the values of links.
    const { candidate } = space.settle(located.raw);
    const { hash } = pointOf(candidate.axes);
    return {
      ask: {
        point: {
          axes: candidate.axes,
          hash,
          raw: located.raw.map((one) => (typeof one === 'number' ? one : [...one])),
        },
        train,
      },
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { complaints: [{ pointer: '/axes', detail: error.message }] };
  }
}

type Opened = ReturnType<typeof problemOf> & {
  search: ReturnType<typeof openSearch>;
  entries: number;
  /** The number of each config, by its hash. */
  numbers: Map<string, number>;
};

/** Entries of all searches that stay open; the replay of so many takes seconds. */
const MOST_ENTRIES = 250_000;
const opened = new Map<string, Opened>();

function open({ spec, history, ...parts }: Opening): Opened {
  const problem = problemOf(Spec.parse(spec), parts);
  const search = openSearch(problem.problem);
  const numbers = new Map<string, number>();
  for (const entry of history) {
    search.add(entry);
    if ('decision' in entry && entry.decision.kind === 'config')
      numbers.set(entry.decision.hash, entry.decision.config);
  }
  return { ...problem, search, entries: history.length, numbers };
}

/** Keeps a search, and closes those that were used the longest ago where there are too many. */
function keep(sweepId: string, one: Opened): void {
  opened.set(sweepId, one);
  let total = [...opened.values()].reduce((sum, other) => sum + other.entries, 0);
  for (const [oldest, other] of opened) {
    if (total <= MOST_ENTRIES || other === one) break;
    opened.delete(oldest);
    total -= other.entries;
  }
}

/** What follows from the news, one by one, and then from an ask; null if the search must be opened first. A decision never depends on news after it. */
export default async ({ kept, news, opening, ask }: DecideTask): Promise<Decided | null> => {
  const known = kept ? opened.get(kept.sweepId) : undefined;
  // What fails half-way is not to be found again.
  if (kept) opened.delete(kept.sweepId);
  const one = opening ? open(opening) : known;
  if (!one || (kept && one.entries !== kept.after)) return null;
  const asked = ask && askEntry(ask, one);
  if (asked && 'complaints' in asked) return { refused: asked.complaints };
  const number = asked?.ask.point ? one.numbers.get(asked.ask.point.hash) : undefined;
  if (number !== undefined) return { known: number };
  const entries: NewEntry[] = [];
  const decide = (): void => {
    for (const { decision, inputs } of one.search.decide()) {
      const point = decision.kind === 'config' ? (one.pointOf?.(decision.axes) ?? null) : null;
      entries.push({ entry: { decision }, inputs, point });
      if (decision.kind === 'config') one.numbers.set(decision.hash, decision.config);
    }
  };
  decide();
  for (const entry of [...news, ...(asked ? [asked] : [])]) {
    one.search.add(entry);
    entries.push({ entry, inputs: null, point: null });
    decide();
  }
  const enough = entries.flatMap(({ entry }) =>
    'decision' in entry && entry.decision.kind === 'enough' ? [entry.decision.why] : [],
  );
  if (asked && enough.length > 0) return { refused: [{ pointer: '', detail: REFUSED[enough[0]!] }] };
  one.entries += entries.length;
  if (kept) keep(kept.sweepId, one);
  return { entries };
};
