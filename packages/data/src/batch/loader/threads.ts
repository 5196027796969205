/** Threads that fill a ring. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { openPool } from '../../threads/pool.ts';
import type { Ring } from './ring.ts';

/** What a thread's task gets: the caller's input, and a port to post the number of each finished batch to. */
export type ThreadInput<Input> = Input & { finished: MessagePort };

export type Threads = {
  /** Throws if a thread has failed. */
  check(): void;
  /** Resolves when batch n is finished. Throws as `check` does. */
  made(n: number): Promise<void>;
  /** Resolves when all threads have ended. */
  ended: Promise<void>;
};

/** Run a task in `count` threads, which claim batches of the ring until none is left or the ring is closed. */
export function startThreads<Input extends object>(
  count: number,
  { module, input }: { module: URL; input: Input },
  ring: Ring,
): Threads {
  let failure: Error | undefined;
  let wake = (): void => {};
  const check = (): void => {
    if (failure) throw failure;
  };

  async function runThreads(): Promise<void> {
    if (count === 0) return;
    const pool = openPool<ThreadInput<Input>, void>(module, count);
    const runs = Array.from({ length: count }, async () => {
      const { port1, port2 } = new MessageChannel();
      port1.on('message', () => wake());
      try {
        await pool.run({ ...input, finished: port2 }, { transferList: [port2] });
      } catch (error) {
        failure ??= new Error(`a batch thread failed: ${error instanceof Error ? error.message : error}`);
      } finally {
        wake();
        port1.close();
      }
    });
    await Promise.all(runs);
    await pool.destroy();
  }

  return {
    check,
    async made(n) {
      for (;;) {
        check();
        if (ring.isMade(n)) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    ended: runThreads(),
  };
}
