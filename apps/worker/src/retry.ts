import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

const LONGEST_PAUSE_MS = 5_000;

/**
 * Do something again until it succeeds: a database that restarts must not cost a run. After `patienceMs` of failures, or
 * once `signal` says that the outcome no longer matters, the last error is thrown. Only for what may be done twice.
 */
export async function retry<T>(
  action: () => Promise<T>,
  { patienceMs, signal, log }: { patienceMs: number; signal: AbortSignal; log: Logger },
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (let pause = 100; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await action();
    } catch (error) {
      if (signal.aborted || Date.now() + pause > deadline) throw error;
      log.warn({ err: error }, `trying again in ${pause} ms`);
      await sleep(pause);
    }
  }
}
