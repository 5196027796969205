/** The thread in which searches decide. It starts with the first search. */
import type { HistoryEntry } from '@ablate/contracts';
import { openPool, type Pool } from '@ablate/data/threads';
import type { DecideTask, NewEntry, Opening } from './decide-task.ts';

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
  close(): Promise<void>;
};

export function openDecider(): Decider {
  let pool: Pool<DecideTask, NewEntry[] | null> | undefined;
  /** Sweeps whose open search is one entry for one in the database. */
  const written = new Set<string>();
  return {
    async step(step, opening, commit) {
      pool ??= openPool(new URL('decide-task.ts', import.meta.url), 1);
      const isOpen = written.delete(step.sweepId);
      let entries = isOpen ? await pool.run(step) : null;
      if (entries === null) {
        const from = await opening();
        entries = from && (await pool.run({ ...step, opening: from }));
      }
      if (entries === null || entries.length === 0) return false;
      const isWritten = await commit(entries);
      if (isWritten) written.add(step.sweepId);
      else written.delete(step.sweepId);
      return isWritten;
    },
    close: async () => {
      await pool?.destroy();
      pool = undefined;
    },
  };
}
