import type { Database } from '../database.ts';
import { inTransaction } from '../transaction.ts';
import { lockDispatch } from './dispatch-lock.ts';

/**
 * Cancel what is left of sweeps whose attempts have taken their device hours: what waits at once, what runs as soon as its
 * worker hears of it. Returns the sweeps that were ended now, with the hours that they took.
 */
export async function enforceBudgets(db: Database): Promise<{ sweepId: string; hours: number }[]> {
  const { rows } = await db.pool.query<{ sweepId: string; budget: number; hours: number }>(
    `SELECT sweep.id AS "sweepId", sweep.device_hours AS budget,
       (sum(extract(epoch FROM coalesce(attempt.ended_at, now()) - attempt.started_at)) / 3600)::float8 AS hours
     FROM sweep JOIN run ON run.sweep_id = sweep.id JOIN attempt ON attempt.run_id = run.id
     WHERE sweep.device_hours IS NOT NULL AND EXISTS (
       SELECT FROM run WHERE sweep_id = sweep.id
         AND (state = 'queued' OR (state = 'running' AND cancel_requested_at IS NULL))
     )
     GROUP BY sweep.id
     HAVING sum(extract(epoch FROM coalesce(attempt.ended_at, now()) - attempt.started_at)) >= 3600 * sweep.device_hours`,
  );
  for (const { sweepId, budget } of rows) {
    const reason = `the sweep's budget of ${budget} device hours is used up`;
    await inTransaction(db, async (client) => {
      await lockDispatch(client);
      await client.query(
        `WITH ended AS (
           UPDATE run SET state = 'cancelled', cause = 'cancelled', message = $2, finished_at = now()
           WHERE id IN (SELECT id FROM run WHERE sweep_id = $1 AND state = 'queued' ORDER BY id FOR UPDATE) AND state = 'queued'
           RETURNING id
         )
         DELETE FROM outbox USING ended WHERE outbox.run_id = ended.id`,
        [sweepId, reason],
      );
      await client.query(
        `UPDATE run SET cancel_requested_at = coalesce(cancel_requested_at, now()), stop_reason = $2
         WHERE sweep_id = $1 AND state = 'running' AND cancel_requested_at IS NULL`,
        [sweepId, reason],
      );
    });
  }
  return rows.map(({ sweepId, hours }) => ({ sweepId, hours }));
}
