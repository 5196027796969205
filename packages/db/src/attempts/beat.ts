import type { Progress, RunJob, StopCommand } from '@ablate/contracts';
import type pg from 'pg';
import type { Database } from '../database.ts';

export type Beat = RunJob & { progress?: Progress; patienceSeconds?: number };

export type Heard = {
  /** False once another attempt took over or the run ended. */
  held: boolean;
  /** Set once somebody wants it to stop: for good, or to go back to the queue. */
  stop: { cause: StopCommand['cause']; reason: string } | null;
};

/**
 * Renew the lease of an attempt by the database's clock, and write its progress.
 * Throws when no answer has come after `patienceSeconds`: a connection that fell silent must not cost the lease.
 */
export async function beat(
  { pool }: Database,
  { runId, attempt, progress, patienceSeconds = 10 }: Beat,
): Promise<Heard> {
  const statement: pg.QueryConfig & { query_timeout: number } = {
    text: `UPDATE run SET heartbeat_at = now(), progress = coalesce($3::jsonb, progress)
     WHERE id = $1 AND attempt = $2 AND state = 'running'
     RETURNING cancel_requested_at IS NOT NULL AS cancelled, stop_reason AS reason`,
    values: [runId, attempt, progress === undefined ? null : JSON.stringify(progress)],
    query_timeout: patienceSeconds * 1000,
  };
  const { rows } = await pool.query<{ cancelled: boolean; reason: string | null }>(statement);
  const [row] = rows;
  if (row === undefined) return { held: false, stop: null };
  if (row.cancelled) return { held: true, stop: { cause: 'cancelled', reason: row.reason ?? 'cancelled by a user' } };
  return { held: true, stop: row.reason === null ? null : { cause: 'preempted', reason: row.reason } };
}
