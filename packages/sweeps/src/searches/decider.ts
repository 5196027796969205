/** The thread in which searches decide. It starts with the first search. */
import { openPool, type Pool } from '@ablate/data/threads';
import type { Decided, DecideTask } from './decide-task.ts';

export type Decider = {
  /** What to commit after a history and its news. Rejects if the history does not follow from the spec. */
  decide(task: DecideTask): Promise<Decided>;
  close(): Promise<void>;
};

export function openDecider(): Decider {
  let pool: Pool<DecideTask, Decided> | undefined;
  return {
    decide: (task) => {
      pool ??= openPool(new URL('decide-task.ts', import.meta.url), 1);
      return pool.run(task);
    },
    close: async () => {
      await pool?.destroy();
      pool = undefined;
    },
  };
}
