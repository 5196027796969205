import type { RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';

/**
 * The next `limit` runs to hand to the queue, in fair order: sweeps with the fewest runs under way come first, and take
 * turns; within a sweep the oldest comes first. Nothing changes before `markDispatched`.
 */
export async function takeDispatches({ pool }: Database, limit: number): Promise<RunJob[]> {
  const { rows } = await pool.query<RunJob>(
    `WITH busy AS (
       SELECT sweep_id, count(*) AS runs FROM (
         SELECT sweep_id FROM run WHERE state = 'running'
         UNION ALL
         SELECT run.sweep_id FROM outbox JOIN run ON run.id = outbox.run_id WHERE outbox.dispatched_at IS NOT NULL
       ) under_way GROUP BY sweep_id
     ), waiting AS (
       SELECT outbox.run_id, outbox.attempt, outbox.number,
         coalesce(busy.runs, 0) + row_number() OVER (PARTITION BY run.sweep_id ORDER BY outbox.number) AS turn
       FROM outbox JOIN run ON run.id = outbox.run_id LEFT JOIN busy ON busy.sweep_id = run.sweep_id
       WHERE outbox.dispatched_at IS NULL
     )
     SELECT run_id AS "runId", attempt FROM waiting ORDER BY turn, number LIMIT $1`,
    [limit],
  );
  return rows;
}
