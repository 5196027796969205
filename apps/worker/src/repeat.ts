/** Repeating: a duty at an interval, and an action until it succeeds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDataError } from '@ablate/db';
import type { Logger } from 'pino';

export type Repeated = { close(): Promise<void> };

/** Factor on the interval after a duty that found work: there may be more. */
const BUSY_FACTOR = 0.05;

/**
 * Run a duty at an interval, one run at a time, until closed; sooner after a run that returns true. The first of a series
 * of failures is logged, and so is its end; a failure never stops the next run.
 */
export function repeat(name: string, everySeconds: number, duty: () => Promise<unknown>, log: Logger): Repeated {
  const ended = new AbortController();
  let failing = false;

  const running = (async () => {
    while (!ended.signal.aborted) {
      let busy = false;
      try {
        busy = (await duty()) === true;
        if (failing) log.info(`${name}: recovered`);
        failing = false;
      } catch (error) {
        if (!failing) log.warn({ err: error }, `${name}: failed; retrying every ${everySeconds} s`);
        failing = true;
      }
      await sleep(everySeconds * 1000 * (busy ? BUSY_FACTOR : 1), undefined, { signal: ended.signal }).catch(() => {
        // only ever aborted by close()
      });
    }
  })();

  return {
    close: () => {
      ended.abort();
      return running;
    },
  };
}

const MAX_BACKOFF_MS = 5_000;

/**
 * Retry an action until it succeeds, with exponential backoff: a database that restarts must not fail a run. After
 * `patienceMs`, or once `signal` is aborted, throws the last error; at once if PostgreSQL refuses the data, which a retry does
 * not change. Only for idempotent actions.
 */
export async function retry<T>(
  action: () => Promise<T>,
  { patienceMs, signal, log }: { patienceMs: number; signal: AbortSignal; log: Logger },
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let backoff = 100; ; backoff = Math.min(2 * backoff, MAX_BACKOFF_MS)) {
    try {
      return await action();
    } catch (error) {
      if (signal.aborted || isDataError(error) || performance.now() + backoff > deadline) throw error;
      log.warn({ err: error }, `retrying in ${backoff} ms`);
      await sleep(backoff);
    }
  }
}
