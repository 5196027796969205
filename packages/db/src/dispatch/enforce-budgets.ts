import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';
import { inTransaction } from '../transaction.ts';
import { cancelRuns } from './cancel-runs.ts';
import { lockDispatch } from './dispatch-lock.ts';

const Row = z.object({ sweepId: z.string(), budget: z.number(), hours: z.number() });

/** Sweeps with unfinished runs whose attempts have used up their device hours, but for those whose search ends by itself; only those of $1, unless it is null. */
const USED_UP = `
  SELECT sweep.id AS "sweepId", sweep.device_hours AS budget,
    (sum(extract(epoch FROM coalesce(attempt.ended_at, now()) - attempt.started_at)) / 3600)::float8 AS hours
  FROM sweep JOIN run ON run.sweep_id = sweep.id JOIN attempt ON attempt.run_id = run.id
  WHERE sweep.device_hours IS NOT NULL AND NOT sweep.searching AND ($1::uuid[] IS NULL OR sweep.id = ANY($1)) AND EXISTS (
    SELECT FROM run WHERE sweep_id = sweep.id
      AND (state = 'queued' OR (state = 'running' AND cancel_requested_at IS NULL))
  )
  GROUP BY sweep.id
  HAVING sum(extract(epoch FROM coalesce(attempt.ended_at, now()) - attempt.started_at)) >= 3600 * sweep.device_hours`;

/**
 * Cancels the unfinished runs of every sweep whose attempts have used up its device hours. Returns the sweeps that were
 * cancelled by this call, with the hours that they used.
 */
export async function enforceBudgets(db: Database): Promise<{ sweepId: string; hours: number }[]> {
  const candidates = await queryRows(db.pool, Row, USED_UP, [null]);
  if (candidates.length === 0) return [];
  return inTransaction(db, async (client) => {
    await lockDispatch(client);
    // Asked again: a user may have raised a budget before the lock was taken.
    const rows = await queryRows(client, Row, USED_UP, [candidates.map(({ sweepId }) => sweepId)]);
    for (const { sweepId, budget } of rows) {
      const reason = `the sweep has used up its budget of ${budget} device hours`;
      await cancelRuns(client, { sweepId }, { reason, message: reason });
    }
    return rows.map(({ sweepId, hours }) => ({ sweepId, hours }));
  });
}
