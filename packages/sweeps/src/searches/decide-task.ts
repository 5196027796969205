/** The task of the thread in which searches decide: a Gaussian process takes seconds, and heartbeats must not wait for it. */
import { type Ask, type Decision, type HistoryEntry, type PointerComplaint, Spec } from '@ablate/contracts';
import { locate, openSearch, type Point } from '@ablate/search';
import { problemOf, type TrainedPart } from './problem.ts';

export type DecideTask = {
  spec: unknown;
  /** Of a search whose configs were written when it was submitted: these, and the number of the baseline. */
  configs: readonly TrainedPart[];
  baseline: number | null;
  history: readonly HistoryEntry[];
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
  if (space === null || pointOf === null) throw new RangeError('nobody can ask this search for a config');
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

/** What follows from the news, one by one, and then from an ask. A decision never depends on news after it. */
export default async (task: DecideTask): Promise<Decided> => {
  const { problem, pointOf, space } = problemOf(Spec.parse(task.spec), task);
  const asked = task.ask && askEntry(task.ask, { pointOf, space });
  if (asked && 'complaints' in asked) return { refused: asked.complaints };
  const hash = asked?.ask.point?.hash;
  const earlier = task.history.flatMap((entry) =>
    'decision' in entry && entry.decision.kind === 'config' ? [entry.decision] : [],
  );
  const known = earlier.find((config) => config.hash === hash);
  if (known) return { known: known.config };
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
  for (const entry of [...task.news, ...(asked ? [asked] : [])]) {
    search.add(entry);
    entries.push({ entry, inputs: null, point: null });
    decide();
  }
  const enough = entries.flatMap(({ entry }) =>
    'decision' in entry && entry.decision.kind === 'enough' ? [entry.decision.why] : [],
  );
  if (asked && enough.length > 0) return { refused: [{ pointer: '', detail: REFUSED[enough[0]!] }] };
  return { entries };
};
