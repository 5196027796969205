import type { RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';

/** Queued runs that the queue should have, and nothing else should it have: whoever reconciles looks whether that is so. */
export async function staleDispatches({ pool }: Database): Promise<RunJob[]> {
  const { rows } = await pool.query<RunJob>(
    'SELECT run_id AS "runId", attempt FROM outbox WHERE dispatched_at IS NOT NULL ORDER BY dispatched_at, number',
  );
  return rows;
}
