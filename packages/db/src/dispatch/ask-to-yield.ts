import type { Database } from '../database.ts';
import { inTransaction } from '../transaction.ts';
import { lockDispatch } from './dispatch-lock.ts';

type Ranked = { owner: string; priority: number };

/**
 * Ask running runs to make place for runs of the same owner and of higher priority: one for each that has been in the queue
 * for `patienceSeconds` (no slot is free), or that its owner's limit keeps out. The lowest and youngest go first; they save
 * a checkpoint and go back to the queue, without a penalty. Returns the runs that were asked now.
 */
export const askToYield = (
  db: Database,
  { patienceSeconds }: { patienceSeconds: number },
): Promise<{ runId: string; attempt: number }[]> =>
  inTransaction(db, async (client) => {
    await lockDispatch(client);
    const { rows: running } = await client.query<
      Ranked & { runId: string; attempt: number; asked: boolean; limit: number | null }
    >(
      `SELECT run.id AS "runId", run.attempt, sweep.owner, sweep.priority, owner.max_running AS limit,
         run.stop_reason IS NOT NULL OR run.cancel_requested_at IS NOT NULL AS asked
       FROM run JOIN sweep ON sweep.id = run.sweep_id JOIN owner ON owner.name = sweep.owner
       WHERE run.state = 'running' ORDER BY sweep.priority, run.started_at DESC`,
    );
    if (running.length === 0) return [];
    const runsOf = (name: string): number => running.filter(({ owner }) => owner === name).length;
    const full = new Set(
      running.flatMap(({ owner, limit }) => (limit !== null && runsOf(owner) >= limit ? [owner] : [])),
    );
    const { rows: urgent } = await client.query<Ranked>(
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
    // Whoever was asked before makes place for one of them already.
    const asked: typeof running = [];
    for (const { owner, priority } of urgent.sort((a, b) => b.priority - a.priority)) {
      const place = running.findIndex((run) => run.owner === owner && run.priority < priority);
      if (place === -1) continue;
      const before = running.findIndex((run) => run.owner === owner && run.asked);
      const [run] = running.splice(before === -1 ? place : before, 1);
      if (run !== undefined && !run.asked) asked.push(run);
    }
    const { rows } = await client.query<{ runId: string; attempt: number }>(
      `UPDATE run SET stop_reason = 'it makes place for a run of higher priority'
       FROM unnest($1::uuid[], $2::integer[]) AS asked(id, attempt)
       WHERE run.id = asked.id AND run.attempt = asked.attempt AND run.state = 'running' AND run.stop_reason IS NULL
       RETURNING run.id AS "runId", run.attempt`,
      [asked.map(({ runId }) => runId), asked.map(({ attempt }) => attempt)],
    );
    return rows;
  });
