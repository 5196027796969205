/** The task of the thread in which searches decide: a Gaussian process takes seconds, and heartbeats must not wait for it. */
import { type Ask, type Decision, type HistoryEntry, type PointerComplaint, Spec } from '@ablate/contracts';
import { locate, openSearch, type Point } from '@ablate/search';
import { problemOf, type TrainedPart } from './problem.ts';

/** What a search is opened from, before any entry of its history. */
export type Opening = {
  spec: unknown;
  /** Of a search whose configs were written when it was submitted: these, and the number of the baseline. */
  configs: readonly TrainedPart[];
  baseline: number | null;
};

export type DecideTask = {
  sweepId: string;
  /** Without it the search is open, and has taken so many entries of its history. */
  opening?: Opening;
  taken: number;
  /** The entries that were committed after those. */
  committed: readonly HistoryEntry[];
  /** What happened since, in the order in which it is to be committed. */
  news: readonly HistoryEntry[];
  /** A config that a caller asks for now. */
  ask?: Ask;
};

/** An entry to commit. `inputs`: of a decision; `point`: the config that a decision names. */
export type NewEntry = { entry: HistoryEntry; inputs: string | null; point: Point | null };

/** What to commit; or, of an ask, why it is refused, or the number of the config, if it was asked for before. */
export type Decided = { entries: NewEntry[] } | { refused: PointerComplaint[] } | { known: number };

/** Whether these entries end the search. */
export const isFinished = (entries: readonly NewEntry[]): boolean =>
  entries.some(({ entry }) => 'decision' in entry && entry.decision.kind === 'finish');

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
  /** Those that it has taken. */
  entries: number;
  /** The number of each config, by its hash. */
  numbers: Map<string, number>;
};

/** Entries of all searches that stay open; the replay of so many takes seconds. */
const MOST_ENTRIES = 250_000;
const opened = new Map<string, Opened>();

function open({ spec, ...parts }: Opening): Opened {
  const problem = problemOf(Spec.parse(spec), parts);
  return { ...problem, search: openSearch(problem.problem), entries: 0, numbers: new Map() };
}

/** Notes an entry that the search has taken. */
function note(one: Opened, entry: HistoryEntry): void {
  one.entries++;
  if ('decision' in entry && entry.decision.kind === 'config')
    one.numbers.set(entry.decision.hash, entry.decision.config);
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

/** What an ask adds to the history; or why it adds nothing, and leaves the search as it is. */
function taken(ask: Ask, one: Opened): Extract<HistoryEntry, { ask: object }> | Exclude<Decided, { entries: object }> {
  const asked = askEntry(ask, one);
  if ('complaints' in asked) return { refused: asked.complaints };
  const number = asked.ask.point ? one.numbers.get(asked.ask.point.hash) : undefined;
  if (number !== undefined) return { known: number };
  const { samples } = 'asked' in one.problem ? one.problem.asked.search : { samples: 0 };
  if (one.numbers.size < samples) return asked;
  return { refused: [{ pointer: '', detail: `all ${samples} samples of the spec are asked for` }] };
}

/** What follows from the news, one by one, and then from an ask; null if the search must be opened first. A decision never depends on news after it. */
export default async ({ sweepId, opening, ...task }: DecideTask): Promise<Decided | null> => {
  const known = opened.get(sweepId);
  // What fails half-way is not to be found again.
  opened.delete(sweepId);
  const one = opening ? open(opening) : known;
  if (one?.entries !== task.taken) return null;
  for (const entry of task.committed) {
    one.search.add(entry);
    note(one, entry);
  }
  const asked = task.ask && taken(task.ask, one);
  if (asked && !('ask' in asked)) {
    keep(sweepId, one);
    return asked;
  }
  const entries: NewEntry[] = [];
  const decide = (): void => {
    for (const { decision, inputs } of one.search.decide()) {
      const point = decision.kind === 'config' ? (one.pointOf?.(decision.axes) ?? null) : null;
      // The hash of a config that goes on from another one names both.
      const named = point && decision.kind === 'config' ? { ...point, hash: decision.hash } : null;
      entries.push({ entry: { decision }, inputs, point: named });
    }
  };
  decide();
  for (const entry of [...task.news, ...(asked ? [asked] : [])]) {
    one.search.add(entry);
    entries.push({ entry, inputs: null, point: null });
    decide();
  }
  for (const { entry } of entries) note(one, entry);
  const enough = entries.flatMap(({ entry }) =>
    'decision' in entry && entry.decision.kind === 'enough' ? [entry.decision.why] : [],
  );
  if (asked && enough.length > 0) return { refused: [{ pointer: '', detail: REFUSED[enough[0]!] }] };
  if (!isFinished(entries)) keep(sweepId, one);
  return { entries };
};
