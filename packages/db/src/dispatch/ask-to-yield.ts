import { RunJob } from '@ablate/contracts';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';
import { inTransaction } from '../transaction.ts';
import { lockDispatch } from './dispatch-lock.ts';

const Waiting = z.object({ owner: z.string(), priority: z.int() });
const Running = RunJob.extend({
  ...Waiting.shape,
  limit: z.int().nullable().describe('Of its owner'),
  stopping: z.boolean(),
});
type Running = z.infer<typeof Running>;

/**
 * Preempts running runs for runs of the same owner with a higher priority: one for each run that has been in the queue for
 * `patienceSeconds` (no slot is free) or that its owner's limit holds back. The lowest priority and the latest start go first.
 * A preempted run saves a checkpoint and is requeued without a penalty. Returns the runs that this call asked to stop.
 */
export const askToYield = (db: Database, { patienceSeconds }: { patienceSeconds: number }): Promise<RunJob[]> =>
  inTransaction(db, async (client) => {
    await lockDispatch(client);
    const running = await queryRows(
      client,
      Running,
      `SELECT run.id AS "runId", run.attempt, sweep.owner, sweep.priority, owner.max_running AS limit,
         run.stop_reason IS NOT NULL OR run.cancel_requested_at IS NOT NULL AS stopping
       FROM run JOIN sweep ON sweep.id = run.sweep_id JOIN owner ON owner.name = sweep.owner
       WHERE run.state = 'running' ORDER BY sweep.priority, run.started_at DESC`,
    );
    if (running.length === 0) return [];
    const runsOf = (name: string): number => running.filter(({ owner }) => owner === name).length;
    const full = new Set(
      running.flatMap(({ owner, limit }) => (limit !== null && runsOf(owner) >= limit ? [owner] : [])),
    );
    const urgent = await queryRows(
      client,
      Waiting,
      `SELECT sweep.owner, sweep.priority FROM outbox JOIN sweep ON sweep.id = outbox.sweep_id
       WHERE outbox.dispatched_at < now() - make_interval(secs => $1)
       UNION ALL
       SELECT sweep.owner, sweep.priority FROM sweep CROSS JOIN LATERAL (
         SELECT FROM outbox WHERE sweep_id = sweep.id AND dispatched_at IS NULL AND NOT held
           AND (not_before IS NULL OR not_before <= now()) LIMIT coalesce(sweep.max_running, $3)
       ) AS next
       WHERE sweep.owner = ANY($2) AND sweep.paused_at IS NULL AND sweep.cancelled_at IS NULL`,
      [patienceSeconds, [...full], running.length],
    );
    // A run that is stopping already frees a slot for one of them.
    const chosen: Running[] = [];
    for (const { owner, priority } of urgent.sort((a, b) => b.priority - a.priority)) {
      const lower = running.findIndex((run) => run.owner === owner && run.priority < priority);
      if (lower === -1) continue;
      const stopping = running.findIndex((run) => run.owner === owner && run.stopping);
      const [run] = running.splice(stopping === -1 ? lower : stopping, 1);
      if (run !== undefined && !run.stopping) chosen.push(run);
    }
    return queryRows(
      client,
      RunJob,
      `UPDATE run SET stop_reason = 'preempted by a run of higher priority'
       FROM unnest($1::uuid[], $2::integer[]) AS chosen(id, attempt)
       WHERE run.id = chosen.id AND run.attempt = chosen.attempt AND run.state = 'running' AND run.stop_reason IS NULL
       RETURNING run.id AS "runId", run.attempt`,
      [chosen.map(({ runId }) => runId), chosen.map(({ attempt }) => attempt)],
    );
  });
