import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

/** A sweep with queued runs, and everything that may hold them. */
const Row = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  priority: z.int(),
  paused: z.boolean(),
  queued: z.int(),
  /** Of the queued runs: paused one by one, dispatched to the queue in Redis, and waiting for a time. */
  held: z.int(),
  dispatched: z.int(),
  delayed: z.int(),
  delayedUntil: z.date().nullable(),
  /** Why a delayed run waits, if it says so. */
  message: z.string().nullable(),
  /** Runs in the queue and in workers, of the sweep and of all sweeps of its owner; null: no limit. */
  busy: z.int(),
  limit: z.int().nullable(),
  ownerBusy: z.int(),
  ownerLimit: z.int().nullable(),
  /** Device hours that may be used, and that are used; null: no budget. */
  budget: z.number().nullable(),
  used: z.number().nullable(),
  total: z.int(),
});
export type WaitingSweep = z.infer<typeof Row>;

const STATEMENT = `
  WITH waiting AS (
    SELECT sweep_id, count(*)::integer AS queued, count(*) FILTER (WHERE held)::integer AS held,
      count(*) FILTER (WHERE dispatched_at IS NOT NULL)::integer AS dispatched,
      count(*) FILTER (WHERE NOT held AND not_before > now())::integer AS delayed,
      min(not_before) FILTER (WHERE NOT held AND not_before > now()) AS until
    FROM outbox GROUP BY sweep_id
  ), busy AS (
    SELECT sweep_id, count(*)::integer AS runs FROM (
      SELECT sweep_id FROM run WHERE state = 'running'
      UNION ALL
      SELECT sweep_id FROM outbox WHERE dispatched_at IS NOT NULL
    ) under_way GROUP BY sweep_id
  ), busy_owner AS (
    SELECT owner, sum(runs)::integer AS runs FROM busy JOIN sweep ON sweep.id = busy.sweep_id GROUP BY owner
  ), shown AS (
    SELECT sweep.*, waiting.queued, waiting.held, waiting.dispatched, waiting.delayed, waiting.until, count(*) OVER ()::integer AS total
    FROM waiting JOIN sweep ON sweep.id = waiting.sweep_id
    ORDER BY sweep.priority DESC, sweep.created_at, sweep.id LIMIT $1
  )
  SELECT shown.id, shown.name, shown.owner, shown.priority, shown.paused_at IS NOT NULL AS paused, shown.queued, shown.held,
    shown.dispatched, shown.delayed, shown.until AS "delayedUntil",
    CASE WHEN shown.delayed > 0 THEN (
      SELECT run.message FROM outbox JOIN run ON run.id = outbox.run_id
      WHERE outbox.sweep_id = shown.id AND outbox.not_before = shown.until LIMIT 1
    ) END AS message,
    coalesce(busy.runs, 0) AS busy, shown.max_running AS "limit", coalesce(busy_owner.runs, 0) AS "ownerBusy",
    owner.max_running AS "ownerLimit", shown.device_hours AS budget,
    CASE WHEN shown.device_hours IS NOT NULL THEN (
      SELECT coalesce(sum(extract(epoch FROM coalesce(attempt.ended_at, now()) - attempt.started_at)) / 3600, 0)::float8
      FROM run JOIN attempt ON attempt.run_id = run.id WHERE run.sweep_id = shown.id
    ) END AS used,
    shown.total
  FROM shown JOIN owner ON owner.name = shown.owner
  LEFT JOIN busy ON busy.sweep_id = shown.id LEFT JOIN busy_owner ON busy_owner.owner = shown.owner
  ORDER BY shown.priority DESC, shown.created_at, shown.id`;

/** The sweeps with queued runs in the order of their priority and age, at most `limit`. `total` is the number of all. */
export const waitingSweeps = ({ pool }: Database, limit: number): Promise<WaitingSweep[]> =>
  queryRows(pool, Row, STATEMENT, [limit]);
