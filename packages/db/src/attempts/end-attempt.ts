import type { Cause } from '@ablate/contracts';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { inTransaction } from '../transaction.ts';
import { ENDINGS, type Ending, pauseSeconds } from './ending.ts';

export type AttemptEnd = { runId: string; attempt: number; cause: Cause; message: string };

/**
 * End an attempt without a result. The run fails, is cancelled, or is queued again, as `ENDINGS` has it: the new state,
 * or null once the attempt is not held any more.
 */
export const endAttempt = (db: Database, end: AttemptEnd): Promise<Ending | null> =>
  inTransaction(db, (client) => endHeldAttempt(client, end));

/** `endAttempt` within a transaction that is open already. */
export async function endHeldAttempt(
  client: pg.PoolClient,
  { runId, attempt, cause, message }: AttemptEnd,
): Promise<Ending | null> {
  const { rows } = await client.query<{ asked: boolean; losses: number }>(
    `SELECT cancel_requested_at IS NOT NULL AS asked, losses FROM run
     WHERE id = $1 AND attempt = $2 AND state = 'running' FOR UPDATE`,
    [runId, attempt],
  );
  const run = rows[0];
  if (run === undefined) return null;

  const losses = cause === 'lost' ? run.losses + 1 : 0;
  const state = ENDINGS[cause](run.asked, losses);
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
      [runId, losses, pauseSeconds(losses)],
    );
  } else
    await client.query(
      `UPDATE run SET state = $2::run_state, losses = $3, cause = $4::cause, message = $5, finished_at = now(),
         stop_reason = NULL WHERE id = $1`,
      [runId, state, losses, state === 'cancelled' ? 'cancelled' : cause, message],
    );
  return state;
}
