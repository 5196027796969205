/** The lease of an attempt: a heartbeat by the database's clock, at its own pace whatever the trainer does. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress, RunJob } from '@ablate/contracts';
import type { Attempts, BeatAnswer } from '@ablate/db';
import type { Logger } from 'pino';

export type Lease = {
  /** The newest progress; written with the next beat. */
  report(progress: Progress): void;
  /** Progress that no beat has written yet. */
  unwritten(): Progress | undefined;
  /** Stop beating, after the beat under way. */
  end(): Promise<void>;
};

/**
 * Beat until ended. `onLost` is called once when the attempt is no longer ours, `onStop` when somebody wants it to stop, for
 * good or to go back to the queue. A beat that fails (a database restarting) is logged and made again: whether the lease still holds is the
 * database's to say.
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
  // Two beats that are missed so leave most of the lease for the next one, on another connection.
  const patienceSeconds = Math.max(1, 2 * options.beatSeconds);
  let progress: Progress | undefined;
  let asked = false;

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
        if (answer.stop !== null && !asked) {
          asked = true;
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
