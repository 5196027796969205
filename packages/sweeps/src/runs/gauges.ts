import type { Cause, RunState } from '@ablate/contracts';
import type { Database } from '@ablate/db';

/** Numbers that tell how the whole service stands. */
export type Gauges = {
  runs: { state: RunState; count: number }[];
  attempts: { cause: Cause; count: number }[];
  /** Runs handed to the queue that no worker has claimed. */
  dispatched: number;
  /** Seconds since the oldest heartbeat of a running run; 0 where none runs. */
  oldestHeartbeat: number;
};

export async function readGauges({ pool, prisma }: Database): Promise<Gauges> {
  const [runs, attempts, dispatched, heartbeat] = await Promise.all([
    prisma.run.groupBy({ by: 'state', _count: true, orderBy: { state: 'asc' } }),
    pool.query<{ cause: Cause; count: number }>(
      'SELECT cause, count(*)::integer AS count FROM attempt WHERE cause IS NOT NULL GROUP BY cause ORDER BY cause',
    ),
    prisma.outbox.count({ where: { dispatchedAt: { not: null } } }),
    pool.query<{ seconds: number }>(
      `SELECT coalesce(extract(epoch FROM now() - min(heartbeat_at)), 0)::float8 AS seconds FROM run WHERE state = 'running'`,
    ),
  ]);
  return {
    runs: runs.map(({ state, _count }) => ({ state, count: _count })),
    attempts: attempts.rows,
    dispatched,
    oldestHeartbeat: heartbeat.rows[0]?.seconds ?? 0,
  };
}
