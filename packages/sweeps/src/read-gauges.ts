import { Cause, type RunState } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';

const Attempts = z.object({ cause: Cause, count: z.int() });
const Heartbeat = z.object({ seconds: z.number() });

/** The state of the whole service, in numbers. */
export type Gauges = {
  runs: { state: RunState; count: number }[];
  attempts: z.infer<typeof Attempts>[];
  /** Dispatched runs that no worker has claimed. */
  dispatched: number;
  /** Age of the oldest heartbeat of a running run in seconds; 0 if none is running. */
  oldestHeartbeat: number;
};

export async function readGauges({ db: { pool, prisma } }: Context): Promise<Gauges> {
  const [runs, attempts, dispatched, [heartbeat]] = await Promise.all([
    prisma.run.groupBy({ by: 'state', _count: true, orderBy: { state: 'asc' } }),
    queryRows(
      pool,
      Attempts,
      'SELECT cause, count(*)::integer AS count FROM attempt WHERE cause IS NOT NULL GROUP BY cause ORDER BY cause',
    ),
    prisma.outbox.count({ where: { dispatchedAt: { not: null } } }),
    queryRows(
      pool,
      Heartbeat,
      `SELECT coalesce(extract(epoch FROM now() - min(heartbeat_at)), 0)::float8 AS seconds FROM run WHERE state = 'running'`,
    ),
  ]);
  return {
    runs: runs.map(({ state, _count }) => ({ state, count: _count })),
    attempts,
    dispatched,
    oldestHeartbeat: heartbeat?.seconds ?? 0,
  };
}
