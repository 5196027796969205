/** The lease of an attempt: a heartbeat by the database's clock, at its own pace whatever the trainer does. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress, RunJob } from '@ablate/contracts';
import { beat, type Database } from '@ablate/db';
import type { Logger } from 'pino';

export type Lease = {
  /** The newest progress; written with the next beat. */
  report(progress: Progress): void;
  /** Write the newest progress now. */
  flush(): Promise<void>;
  /** Stop beating, after the beat under way. */
  end(): Promise<void>;
};

/**
 * Beat until ended. `onLost` is called once when the attempt is no longer ours, `onCancelled` once when a user asked to
 * cancel. A beat that fails (a database restarting) is logged and made again: whether the lease still holds is the
 * database's to say.
 */
export function keepLease(
  db: Database,
  { runId, attempt }: RunJob,
  options: { beatSeconds: number; log: Logger; onLost: () => void; onCancelled: () => void },
): Lease {
  const ended = new AbortController();
  // Two beats that are missed so leave most of the lease for the next one, on another connection.
  const patienceSeconds = Math.max(1, 2 * options.beatSeconds);
  let progress: Progress | undefined;
  let cancelled = false;

  const pause = () =>
    sleep(options.beatSeconds * 1000, undefined, { signal: ended.signal }).catch(() => {
      // only ever aborted by end()
    });

  const beating = (async () => {
    while (!ended.signal.aborted) {
      const reported = progress;
      progress = undefined;
      try {
        const answer = await beat(db, { runId, attempt, progress: reported, patienceSeconds });
        if (ended.signal.aborted) return;
        if (!answer.held) return options.onLost();
        if (answer.cancelled && !cancelled) {
          cancelled = true;
          options.onCancelled();
        }
      } catch (error) {
        progress ??= reported;
        options.log.warn({ err: error }, 'heartbeat failed');
      }
      await pause();
    }
  })();

  return {
    report: (newest) => {
      progress = newest;
    },
    flush: async () => {
      if (progress !== undefined) await beat(db, { runId, attempt, progress });
    },
    end: async () => {
      ended.abort();
      await beating;
    },
  };
}
