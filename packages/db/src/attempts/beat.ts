import type { Progress } from '@ablate/contracts';
import type { Database } from '../database.ts';

/**
 * Renew the lease of an attempt by the database's clock, and write its progress.
 * `held` is false once another attempt took over or the run ended; `cancelled` is true once somebody asked to stop.
 */
export async function beat(
  { pool }: Database,
  { runId, attempt, progress }: { runId: string; attempt: number; progress?: Progress },
): Promise<{ held: boolean; cancelled: boolean }> {
  const { rows } = await pool.query<{ cancelled: boolean }>(
    `UPDATE run SET heartbeat_at = now(), progress = coalesce($3::jsonb, progress)
     WHERE id = $1 AND attempt = $2 AND state = 'running'
     RETURNING cancel_requested_at IS NOT NULL AS cancelled`,
    [runId, attempt, progress === undefined ? null : JSON.stringify(progress)],
  );
  return { held: rows[0] !== undefined, cancelled: rows[0]?.cancelled ?? false };
}
