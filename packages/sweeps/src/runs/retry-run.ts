import type { RunView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { inTransaction, Refusal } from '@ablate/db';
import { findRun } from './find-run.ts';

/**
 * Queue a failed or cancelled run again; it goes on from its newest checkpoint. A sweep that was cancelled is open again.
 * Refuses an id that is none (`not_found`) and a run in any other state (`conflict`).
 */
export async function retryRun(db: Database, runId: string): Promise<RunView> {
  const retried = await inTransaction(db, async (client) => {
    const { rows } = await client.query<{ sweep_id: string }>(
      `WITH retried AS (
         UPDATE run SET state = 'queued', cause = NULL, message = NULL, losses = 0, progress = NULL,
           cancel_requested_at = NULL, paused_at = NULL, stop_reason = NULL, heartbeat_at = NULL, started_at = NULL, finished_at = NULL
         WHERE id = $1 AND state IN ('failed', 'cancelled') RETURNING id, attempt, sweep_id, position
       ), queued AS (
         INSERT INTO outbox (run_id, attempt, sweep_id, position) SELECT id, attempt + 1, sweep_id, position FROM retried
       )
       SELECT sweep_id FROM retried`,
      [runId],
    );
    if (rows[0] === undefined) return false;
    await client.query('UPDATE sweep SET cancelled_at = NULL WHERE id = $1', [rows[0].sweep_id]);
    return true;
  });
  const run = await findRun(db, runId);
  if (!retried)
    throw new Refusal('conflict', `the run is ${run.state}: only a failed or cancelled run can be tried again`);
  return run;
}
