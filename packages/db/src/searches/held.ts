/** SQL: whether a queued run of `run` is not dispatched: a user paused it, or it waits for its search. */
export const HELD = '(run.paused_at IS NOT NULL OR coalesce(run.reached_epoch >= run.until_epoch, false))';
