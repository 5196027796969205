import type { RunView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { Refusal } from '@ablate/db';
import { findRun } from './find-run.ts';

/** What a trainer is told that stops for good. */
export const CANCELLED = 'cancelled by a user';

/**
 * Cancel a run: at once while it is queued, as soon as its worker hears of it while it is running. Again is no error.
 * Refuses an id that is none (`not_found`) and a run that ended otherwise (`conflict`).
 */
export async function cancelRun(db: Database, runId: string): Promise<RunView> {
  await db.pool.query(
    `WITH cancelled AS (
       UPDATE run SET
         cancel_requested_at = CASE WHEN state = 'running' THEN coalesce(cancel_requested_at, now()) END,
         stop_reason = CASE WHEN state = 'running' THEN $2 END,
         finished_at = CASE WHEN state = 'queued' THEN now() END,
         cause = CASE WHEN state = 'queued' THEN 'cancelled'::cause END,
         state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
       WHERE id = $1 AND state IN ('queued', 'running') RETURNING id, state
     )
     DELETE FROM outbox USING cancelled WHERE outbox.run_id = cancelled.id AND cancelled.state = 'cancelled'`,
    [runId, CANCELLED],
  );
  const run = await findRun(db, runId);
  if (run.state !== 'cancelled' && run.state !== 'running')
    throw new Refusal('conflict', `the run is ${run.state}, and what is finished cannot be cancelled`);
  return run;
}
