import type { Progress, RunJob, StopCommand } from '@ablate/contracts';
import type pg from 'pg';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { CANCELLED } from '../dispatch/cancel-runs.ts';
import { queryRows } from '../rows.ts';

export type Beat = RunJob & { progress?: Progress; patienceSeconds?: number };

export type BeatAnswer = {
  /** False once the run has ended or another attempt has claimed it. */
  held: boolean;
  /** Set if the attempt must stop: for good, or to return to the queue. */
  stop: { cause: StopCommand['cause']; reason: string } | null;
};

const Row = z.object({ cancelled: z.boolean(), reason: z.string().nullable() });

/**
 * Renews the lease of an attempt by the database's clock, and writes its progress.
 * Throws after `patienceSeconds` without an answer, so that a dead connection does not cost the lease.
 */
export async function beat(
  { pool }: Database,
  { runId, attempt, progress, patienceSeconds = 10 }: Beat,
): Promise<BeatAnswer> {
  const statement: pg.QueryConfig & { query_timeout: number } = {
    text: `UPDATE run SET heartbeat_at = now(), progress = coalesce($3::jsonb, progress)
     WHERE id = $1 AND attempt = $2 AND state = 'running'
     RETURNING cancel_requested_at IS NOT NULL AS cancelled, stop_reason AS reason`,
    values: [runId, attempt, progress === undefined ? null : JSON.stringify(progress)],
    query_timeout: patienceSeconds * 1000,
  };
  const [row] = await queryRows(pool, Row, statement);
  if (row === undefined) return { held: false, stop: null };
  if (row.cancelled) return { held: true, stop: { cause: 'cancelled', reason: row.reason ?? CANCELLED } };
  return { held: true, stop: row.reason === null ? null : { cause: 'preempted', reason: row.reason } };
}
