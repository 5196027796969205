/** Threads that fill a ring, and what is heard of them. */
import { Worker } from 'node:worker_threads';
import type { Ring } from './ring.ts';

/** Said by a thread after each batch, and at most once that one cannot be made. */
export type ThreadMessage = { made: number } | { failed: string };

export type Threads = {
  /** Throws what a thread has failed with. */
  check(): void;
  /** Resolves once batch n is made. Throws as `check` does. */
  made(n: number): Promise<void>;
  ended: Promise<unknown>;
};

/** Start threads from a module that claims batches of the ring until there are none. They end when the ring is closed. */
export function startThreads(
  count: number,
  { entry, workerData }: { entry: URL; workerData: unknown },
  ring: Ring,
): Threads {
  let failure: Error | undefined;
  let heard = (): void => {};
  const fail = (message: string): void => {
    failure ??= new Error(message);
    heard();
  };
  const ends = Array.from({ length: count }, () => {
    const worker = new Worker(entry, { workerData, name: 'batches' });
    worker.on('message', (message: ThreadMessage) => ('failed' in message ? fail(message.failed) : heard()));
    worker.on('error', (error) => fail(`a thread that makes batches failed: ${error.message}`));
    return new Promise<void>((resolve) => {
      worker.on('exit', (code) => {
        if (code !== 0) fail(`a thread that makes batches ended with code ${code}`);
        resolve();
      });
    });
  });
  const check = (): void => {
    if (failure) throw failure;
  };
  return {
    check,
    async made(n) {
      for (;;) {
        check();
        if (ring.isMade(n)) return;
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
    },
    ended: Promise.all(ends),
  };
}
