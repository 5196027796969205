/** The thread in which searches decide. It starts with the first search. */
import type { Ask, HistoryEntry } from '@ablate/contracts';
import { openPool, type Pool } from '@ablate/data/threads';
import type { Decided, DecideTask, NewEntry, Opening } from './decide-task.ts';

/** `after`: entries of the history, in the database. `news`: what happened since. */
type Step = { sweepId: string; after: number; news: readonly HistoryEntry[] };

export type Decider = {
  /**
   * Has `commit` write what follows from the news. The search stays open in the thread if it was written, and is opened again, from `opening`, if not.
   * Rejects if the history does not follow from the spec. Returns what `commit` does; false if there is nothing to write.
   * @param opening null if the history has grown meanwhile
   */
  step(
    step: Step,
    opening: () => Promise<Opening | null>,
    commit: (entries: readonly NewEntry[]) => Promise<boolean>,
  ): Promise<boolean>;
  /** What to commit after a whole history and its news, and for an ask. Rejects as `step` does. */
  decide(task: Opening & { news: readonly HistoryEntry[]; ask?: Ask }): Promise<Decided>;
  close(): Promise<void>;
};

export function openDecider(): Decider {
  let pool: Pool<DecideTask, Decided | null> | undefined;
  /** Sweeps whose open search is one entry for one in the database. */
  const written = new Set<string>();
  const run = (task: DecideTask): Promise<Decided | null> => {
    pool ??= openPool(new URL('decide-task.ts', import.meta.url), 1);
    return pool.run(task);
  };
  return {
    async step({ news, ...kept }, opening, commit) {
      let decided = written.delete(kept.sweepId) ? await run({ kept, news }) : null;
      if (decided === null) {
        const from = await opening();
        decided = from && (await run({ kept, news, opening: from }));
      }
      if (decided === null) return false;
      if (!('entries' in decided)) throw new Error('only an ask is refused');
      const { entries } = decided;
      if (entries.length === 0) return false;
      const isWritten = await commit(entries);
      if (isWritten) written.add(kept.sweepId);
      else written.delete(kept.sweepId);
      return isWritten;
    },
    async decide({ news, ask, ...opening }) {
      const decided = await run({ kept: null, opening, news, ...(ask && { ask }) });
      if (decided === null) throw new Error('a whole history opens a search');
      return decided;
    },
    close: async () => {
      await pool?.destroy();
      pool = undefined;
    },
  };
}
