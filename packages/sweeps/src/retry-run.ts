import type { RunView } from '@ablate/contracts';
import { inTransaction, queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { findRun } from './find-run.ts';
import { refusal } from './refusal.ts';

const Row = z.object({ sweepId: z.string() });

/**
 * Requeues a failed or cancelled run, which resumes from its newest checkpoint. If its sweep was cancelled, the sweep is open
 * again. Refuses an unknown id (`not_found`) and a run in any other state (`conflict`).
 */
export async function retryRun(context: Context, runId: string): Promise<RunView> {
  const retried = await inTransaction(context.db, async (client) => {
    const [row] = await queryRows(
      client,
      Row,
      `WITH retried AS (
         UPDATE run SET state = 'queued', cause = NULL, message = NULL, losses = 0, progress = NULL,
           cancel_requested_at = NULL, paused_at = NULL, stop_reason = NULL, heartbeat_at = NULL, started_at = NULL, finished_at = NULL
         WHERE id = $1 AND state IN ('failed', 'cancelled') RETURNING id, attempt, sweep_id, position
       ), queued AS (
         INSERT INTO outbox (run_id, attempt, sweep_id, position) SELECT id, attempt + 1, sweep_id, position FROM retried
       )
       SELECT sweep_id AS "sweepId" FROM retried`,
      [runId],
    );
    if (row === undefined) return false;
    await client.query('UPDATE sweep SET cancelled_at = NULL WHERE id = $1', [row.sweepId]);
    return true;
  });
  const run = await findRun(context, runId);
  if (!retried) throw refusal.notRetryable(run.state);
  return run;
}
