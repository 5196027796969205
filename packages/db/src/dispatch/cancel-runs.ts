import type pg from 'pg';

/** Why a run stops that a user cancelled. */
export const CANCELLED = 'cancelled by a user';

/**
 * Cancels the unfinished runs of a sweep, or one run: queued runs at once, running ones by a request that their worker
 * reads with its next heartbeat. The first reason stands. `message`, if given, is written to the runs that end here.
 *
 * The runs are locked by a statement of their own: the statements after it see the outbox row of a run that another
 * transaction requeued meanwhile. Runs are locked before their outbox rows, in the order of their ids, as everywhere.
 */
export async function cancelRuns(
  client: pg.PoolClient,
  of: { sweepId: string } | { runId: string },
  { reason = CANCELLED, message }: { reason?: string; message?: string } = {},
): Promise<void> {
  const [column, id] = 'sweepId' in of ? ['sweep_id', of.sweepId] : ['id', of.runId];
  await client.query(
    `SELECT count(*) FROM (
       SELECT FROM run WHERE ${column} = $1 AND state IN ('queued', 'running') ORDER BY id FOR UPDATE
     ) AS locked`,
    [id],
  );
  await client.query(
    `WITH cancelled AS (
       UPDATE run SET state = 'cancelled', cause = 'cancelled', message = coalesce($2, message), finished_at = now()
       WHERE ${column} = $1 AND state = 'queued' RETURNING id
     )
     DELETE FROM outbox USING cancelled WHERE outbox.run_id = cancelled.id`,
    [id, message ?? null],
  );
  await client.query(
    `UPDATE run SET cancel_requested_at = now(), stop_reason = $2
     WHERE ${column} = $1 AND state = 'running' AND cancel_requested_at IS NULL`,
    [id, reason],
  );
}
