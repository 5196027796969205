/** The next state of a run whose attempt ends without a result. */
import type { Cause, RunState } from '@ablate/contracts';

/** Losses in a row, without a newer checkpoint between them, that fail a run. */
const MAX_LOSSES = 3;

/** Backoff after the first loss; each further loss in a row multiplies it by four. */
const FIRST_BACKOFF_SECONDS = 1;

/** Seconds before a run that was lost `losses` times in a row may be dispatched again. Other causes have no backoff. */
export const backoffSeconds = (losses: number): number =>
  losses === 0 ? 0 : FIRST_BACKOFF_SECONDS * 4 ** (losses - 1);

export type Ending = Extract<RunState, 'queued' | 'failed' | 'cancelled'>;

const requeue = (cancelRequested: boolean): Ending => (cancelRequested ? 'cancelled' : 'queued');

/** The next state, given whether a cancel was requested and how many attempts in a row were lost, this one included. */
export const ENDINGS: Record<Cause, (cancelRequested: boolean, losses: number) => Ending> = {
  user_error: () => 'failed',
  diverged: () => 'failed',
  out_of_memory: () => 'failed',
  cancelled: () => 'cancelled',
  preempted: requeue,
  superseded: requeue,
  lost: (cancelRequested, losses) => (!cancelRequested && losses >= MAX_LOSSES ? 'failed' : requeue(cancelRequested)),
  // A run completes only with its result, through `finishRun`.
  completed: () => 'failed',
};
