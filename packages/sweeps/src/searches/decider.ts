/** The thread in which searches decide. It starts with the first search. */
import type { Ask, HistoryEntry } from '@ablate/contracts';
import { openPool, type Pool } from '@ablate/data/threads';
import { refusal } from '../refusal.ts';
import { type Decided, type DecideTask, isFinished, type NewEntry, type Opening } from './decide-task.ts';

/** `after`: entries of the history, in the database. `news`: what happened since. `ask`: what a caller asks for now. */
type Step = { after: number; news: readonly HistoryEntry[]; ask?: Ask };

/** Where a step finds what the thread does not know. */
export type SearchSource = {
  opening(): Promise<Opening>;
  /** The entries of the history after the first `from`; null if it has grown meanwhile. */
  entries(from: number): Promise<HistoryEntry[] | null>;
};

/**
 * Has `commit` write what follows from the news and the ask, if anything does; returns it, or null if another process was faster. The search stays open in the thread: the next step reads only
 * what others have committed since. After a step that was not written it is opened again, from its whole history. Rejects if the history does not follow from the spec.
 */
export type TakeStep = (
  step: Step,
  source: SearchSource,
  commit: (entries: readonly NewEntry[]) => Promise<boolean>,
) => Promise<Decided | null>;

export type Decider = {
  /** Does work on a sweep's search, after the other work on it in this process. Refuses (`busy`) more work than waits in reason. */
  inTurn<Result>(sweepId: string, work: (take: TakeStep) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

/** Works that may wait for one search. */
const MOST_WAITING = 64;

export function openDecider(): Decider {
  let pool: Pool<DecideTask, Decided | null> | undefined;
  /** Entries that an open search has taken, all of which are in the database. */
  const taken = new Map<string, number>();
  const turns = new Map<string, { last: Promise<unknown>; count: number }>();

  const run = (task: DecideTask): Promise<Decided | null> => {
    pool ??= openPool(new URL('decide-task.ts', import.meta.url), 1);
    return pool.run(task);
  };

  async function decide(sweepId: string, { after, ...step }: Step, source: SearchSource): Promise<Decided | null> {
    const known = taken.get(sweepId);
    taken.delete(sweepId);
    if (known !== undefined && known <= after) {
      const committed = known < after ? await source.entries(known) : [];
      if (committed === null) return null;
      const decided = await run({ sweepId, taken: known, committed, ...step });
      if (decided !== null) return decided;
    }
    const committed = await source.entries(0);
    if (committed === null) return null;
    return run({ sweepId, opening: await source.opening(), taken: 0, committed, ...step });
  }

  const takeStep =
    (sweepId: string): TakeStep =>
    async (step, source, commit) => {
      const decided = await decide(sweepId, step, source);
      if (decided === null) return null;
      const entries = 'entries' in decided ? decided.entries : [];
      if (entries.length > 0 && !(await commit(entries))) return null;
      if (!isFinished(entries)) taken.set(sweepId, step.after + entries.length);
      return decided;
    };

  return {
    async inTurn(sweepId, work) {
      const turn = turns.get(sweepId) ?? { last: Promise.resolve(), count: 0 };
      if (turn.count > MOST_WAITING) throw refusal.busy('many callers drive this sweep at a time');
      turns.set(sweepId, turn);
      turn.count++;
      const own = turn.last.then(() => work(takeStep(sweepId)));
      turn.last = own.catch(() => {}); // its own caller sees it
      try {
        return await own;
      } finally {
        turn.count--;
        if (turn.count === 0) turns.delete(sweepId);
      }
    },
    close: async () => {
      await pool?.destroy();
      pool = undefined;
      taken.clear();
    },
  };
}
