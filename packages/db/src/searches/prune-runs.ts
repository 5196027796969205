import type pg from 'pg';

/** Why a run is dropped that a search has not sent on. */
const DROPPED = 'dropped: the search went on without it';

/**
 * Drops the runs of a sweep that its search has no more use for: queued ones are pruned at once, running ones are asked to stop. With `waiting`,
 * only those that wait for the search. Runs are locked before their outbox rows, in the order of their ids, as everywhere.
 */
export async function pruneRuns(
  client: pg.PoolClient,
  sweepId: string,
  { waiting = false }: { waiting?: boolean } = {},
): Promise<void> {
  const idle = `state = 'queued' AND NOT EXISTS (SELECT FROM awaited WHERE awaited.sweep_id = run.sweep_id AND awaited.run = run.position)`;
  const chosen = waiting ? idle : `state IN ('queued', 'running')`;
  await client.query(
    `SELECT count(*) FROM (SELECT FROM run WHERE sweep_id = $1 AND ${chosen} ORDER BY id FOR UPDATE) AS locked`,
    [sweepId],
  );
  await client.query(
    `WITH pruned AS (
       UPDATE run SET state = 'pruned', message = $2, finished_at = now()
       WHERE sweep_id = $1 AND ${waiting ? idle : `state = 'queued'`} RETURNING id
     )
     DELETE FROM outbox USING pruned WHERE outbox.run_id = pruned.id`,
    [sweepId, DROPPED],
  );
  if (waiting) return;
  await client.query(
    `UPDATE run SET cancel_requested_at = now(), stop_reason = 'the search has ended'
     WHERE sweep_id = $1 AND state = 'running' AND cancel_requested_at IS NULL`,
    [sweepId],
  );
}
