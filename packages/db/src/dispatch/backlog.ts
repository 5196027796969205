/** Queued runs as the dashboard lists them. The queue in Redis holds only the first of them. */
import { RunJob } from '@ablate/contracts';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';
import { JobParts } from './job-parts.ts';

/** Why a run waits: for a slot, with the priority of its sweep or without; for the end of a backoff; or until it is resumed. */
export const BacklogState = z.enum(['waiting', 'prioritized', 'delayed', 'paused']);
export type BacklogState = z.infer<typeof BacklogState>;

const Row = RunJob.extend(JobParts.shape).extend({
  state: BacklogState,
  priority: z.int(),
  createdAt: z.date(),
  notBefore: z.date().nullable(),
});
export type QueuedRun = z.infer<typeof Row>;

const STATE = `CASE WHEN outbox.held OR sweep.paused_at IS NOT NULL THEN 'paused' WHEN outbox.not_before > now() THEN 'delayed'
  WHEN sweep.priority <> 0 THEN 'prioritized' ELSE 'waiting' END`;

const Count = z.object({ state: BacklogState, count: z.int() });

/** The number of queued runs in each state. */
export async function countBacklog({ pool }: Database): Promise<Record<BacklogState, number>> {
  const rows = await queryRows(
    pool,
    Count,
    `SELECT ${STATE} AS state, count(*)::integer AS count
     FROM outbox JOIN run ON run.id = outbox.run_id JOIN sweep ON sweep.id = run.sweep_id GROUP BY 1`,
  );
  const counts = { waiting: 0, prioritized: 0, delayed: 0, paused: 0 };
  for (const { state, count } of rows) counts[state] = count;
  return counts;
}

const LIST = (where: string): string => `
  SELECT outbox.run_id AS "runId", outbox.attempt, sweep.name AS sweep, config.axes, run.seed, sweep.priority,
    run.created_at AS "createdAt", outbox.not_before AS "notBefore", ${STATE} AS state
  FROM outbox JOIN run ON run.id = outbox.run_id JOIN sweep ON sweep.id = run.sweep_id
  JOIN config ON config.id = run.config_id WHERE ${where}
  ORDER BY outbox.dispatched_at NULLS LAST, sweep.priority DESC, sweep.created_at, sweep.id, run.position`;

/** Queued runs in one state, in the order in which an owner's runs start. */
export const listBacklog = (
  { pool }: Database,
  { state, limit, offset }: { state: BacklogState; limit: number; offset: number },
): Promise<QueuedRun[]> => queryRows(pool, Row, `${LIST(`${STATE} = $1`)} LIMIT $2 OFFSET $3`, [state, limit, offset]);

/** The queued run of a job, or null. */
export async function findQueued({ pool }: Database, { runId, attempt }: RunJob): Promise<QueuedRun | null> {
  const [found] = await queryRows(pool, Row, LIST('outbox.run_id = $1 AND outbox.attempt = $2'), [runId, attempt]);
  return found ?? null;
}
