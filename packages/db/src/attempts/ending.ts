/** What becomes of a run when an attempt ends without a result. */
import type { Cause, RunState } from '@ablate/contracts';

/** Attempts that may be lost in a row, without a newer checkpoint between them, before the run has failed. */
export const MAX_LOSSES = 3;

/** Seconds before a run that was lost once is tried again; four times as long after each further loss in a row. */
const FIRST_PAUSE_SECONDS = 1;

/** Seconds before a run that was lost `losses` times in a row is handed out again. Other endings cost no pause. */
export const pauseSeconds = (losses: number): number => (losses === 0 ? 0 : FIRST_PAUSE_SECONDS * 4 ** (losses - 1));

export type Ending = Extract<RunState, 'queued' | 'failed' | 'cancelled'>;

const again = (asked: boolean): Ending => (asked ? 'cancelled' : 'queued');

/** The next state, given whether a user asked to cancel, and how many attempts in a row are lost with this one. */
export const ENDINGS: Record<Cause, (asked: boolean, losses: number) => Ending> = {
  user_error: () => 'failed',
  diverged: () => 'failed',
  out_of_memory: () => 'failed',
  cancelled: () => 'cancelled',
  preempted: again,
  superseded: again,
  lost: (asked, losses) => (!asked && losses >= MAX_LOSSES ? 'failed' : again(asked)),
  // A run completes through its result; whoever ends it without one has none to show.
  completed: () => 'failed',
};
