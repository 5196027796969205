/** The lease of an attempt: heartbeats by the database's clock, independent of the trainer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress, RunJob } from '@ablate/contracts';
import type { Attempts, BeatAnswer } from '@ablate/db';
import type { Logger } from 'pino';

export type Lease = {
  /** Set the progress that the next beat writes. */
  report(progress: Progress): void;
  /** Progress that is not written yet. */
  unwritten(): Progress | undefined;
  /** Stop the heartbeat, after the current beat. */
  end(): Promise<void>;
};

/**
 * Beat until ended. Calls `onLost` once if another attempt has taken over, and `onStop` once if a stop is requested. A beat
 * that fails (a database that restarts) is logged and retried: only the database decides whether the lease is held.
 */
export function keepLease(
  attempts: Pick<Attempts, 'beat'>,
  { runId, attempt }: RunJob,
  options: {
    beatSeconds: number;
    log: Logger;
    onLost: () => void;
    onStop: (stop: NonNullable<BeatAnswer['stop']>) => void;
  },
): Lease {
  const ended = new AbortController();
  // Two timed-out beats leave most of the lease for the next one, on another connection.
  const patienceSeconds = Math.max(1, 2 * options.beatSeconds);
  let progress: Progress | undefined;
  let stopRequested = false;

  const pause = () =>
    sleep(options.beatSeconds * 1000, undefined, { signal: ended.signal }).catch(() => {
      // only ever aborted by end()
    });

  const beating = (async () => {
    // The claim was the first beat.
    for (await pause(); !ended.signal.aborted; await pause()) {
      const reported = progress;
      progress = undefined;
      try {
        const answer = await attempts.beat({ runId, attempt, progress: reported, patienceSeconds });
        if (ended.signal.aborted) return;
        if (!answer.held) return options.onLost();
        if (answer.stop !== null && !stopRequested) {
          stopRequested = true;
          options.onStop(answer.stop);
        }
      } catch (error) {
        progress ??= reported;
        options.log.warn({ err: error }, 'heartbeat failed');
      }
    }
  })();

  return {
    report: (newest) => {
      progress = newest;
    },
    unwritten: () => progress,
    end: async () => {
      ended.abort();
      await beating;
    },
  };
}
