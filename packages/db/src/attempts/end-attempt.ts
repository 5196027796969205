import type { Cause } from '@ablate/contracts';
import type pg from 'pg';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';
import { inTransaction } from '../transaction.ts';
import { backoffSeconds, ENDINGS, type Ending } from './ending.ts';

export type AttemptEnd = { runId: string; attempt: number; cause: Cause; message: string };

/**
 * Ends an attempt that has no result. The run fails, is cancelled or is requeued, according to `ENDINGS`.
 * Returns its new state, or null if the attempt is no longer held.
 */
export const endAttempt = (db: Database, end: AttemptEnd): Promise<Ending | null> =>
  inTransaction(db, (client) => endHeldAttempt(client, end));

const Row = z.object({ cancelRequested: z.boolean(), losses: z.int() });

/** `endAttempt` within an open transaction. */
export async function endHeldAttempt(
  client: pg.PoolClient,
  { runId, attempt, cause, message }: AttemptEnd,
): Promise<Ending | null> {
  const [run] = await queryRows(
    client,
    Row,
    `SELECT cancel_requested_at IS NOT NULL AS "cancelRequested", losses FROM run
     WHERE id = $1 AND attempt = $2 AND state = 'running' FOR UPDATE`,
    [runId, attempt],
  );
  if (run === undefined) return null;

  const losses = cause === 'lost' ? run.losses + 1 : 0;
  const state = ENDINGS[cause](run.cancelRequested, losses);
  await client.query(
    'UPDATE attempt SET cause = $3, message = $4, ended_at = now() WHERE run_id = $1 AND number = $2',
    [runId, attempt, cause, message],
  );
  if (state === 'queued') {
    await client.query(
      `WITH queued AS (
         UPDATE run SET state = 'queued', losses = $2, heartbeat_at = NULL, stop_reason = NULL WHERE id = $1
         RETURNING id, attempt, sweep_id, position, paused_at
       )
       INSERT INTO outbox (run_id, attempt, sweep_id, position, held, not_before)
       SELECT id, attempt + 1, sweep_id, position, paused_at IS NOT NULL,
         CASE WHEN $3 > 0 THEN now() + make_interval(secs => $3) END FROM queued`,
      [runId, losses, backoffSeconds(losses)],
    );
  } else
    await client.query(
      `UPDATE run SET state = $2::run_state, losses = $3, cause = $4::cause, message = $5, finished_at = now(),
         stop_reason = NULL WHERE id = $1`,
      [runId, state, losses, state === 'cancelled' ? 'cancelled' : cause, message],
    );
  return state;
}
