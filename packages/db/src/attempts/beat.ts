import type { Progress } from '@ablate/contracts';
import type pg from 'pg';
import type { Database } from '../database.ts';

/**
 * Renew the lease of an attempt by the database's clock, and write its progress.
 * Throws when no answer has come after `patienceSeconds`: a connection that fell silent must not cost the lease.
 * `held` is false once another attempt took over or the run ended; `cancelled` is true once somebody asked to stop.
 */
export async function beat(
  { pool }: Database,
  {
    runId,
    attempt,
    progress,
    patienceSeconds = 10,
  }: { runId: string; attempt: number; progress?: Progress; patienceSeconds?: number },
): Promise<{ held: boolean; cancelled: boolean }> {
  const statement: pg.QueryConfig & { query_timeout: number } = {
    text: `UPDATE run SET heartbeat_at = now(), progress = coalesce($3::jsonb, progress)
     WHERE id = $1 AND attempt = $2 AND state = 'running'
     RETURNING cancel_requested_at IS NOT NULL AS cancelled`,
    values: [runId, attempt, progress === undefined ? null : JSON.stringify(progress)],
    query_timeout: patienceSeconds * 1000,
  };
  const { rows } = await pool.query<{ cancelled: boolean }>(statement);
  return { held: rows[0] !== undefined, cancelled: rows[0]?.cancelled ?? false };
}
