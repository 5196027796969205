import type { RetryPlan, RunView, SweepView } from '@ablate/contracts';
import { inTransaction, type Queryable, queryRows } from '@ablate/db';
import type pg from 'pg';
import { z } from 'zod';
import type { Context } from './context.ts';
import { findRun } from './find-run.ts';
import { readSweep } from './find-sweep.ts';
import { refusal } from './refusal.ts';
import { lockRun, lockSweep, RUN_VERBS } from './verbs.ts';

type Retryable = (typeof RUN_VERBS)['retried'][number];

/** The runs of a sweep to retry: those in `state`, or all that can be retried. */
type Retry = { sweepId: string; state?: Retryable };

/**
 * Requeues a failed or cancelled run, which resumes from its newest checkpoint. If its sweep was cancelled, the sweep is open
 * again. Refuses an unknown id (`not_found`) and a run in any other state (`conflict`).
 */
export async function retryRun(context: Context, runId: string): Promise<RunView> {
  await inTransaction(context.db, async (client) => {
    const { sweepId } = await lockRun(client, runId, 'retried');
    await requeue(client, { sweepId, runIds: [runId] });
  });
  return findRun(context, runId);
}

/**
 * Requeues all failed and cancelled runs of a sweep, or those in `state`, as `retryRun` does. Runs that are still stopping
 * after a cancel are not among them. Refuses an unknown id (`not_found`) and a sweep without such runs (`conflict`).
 */
export async function retrySweep(context: Context, { sweepId, state }: Retry): Promise<SweepView> {
  await inTransaction(context.db, async (client) => {
    await lockSweep(client, sweepId, 'retried');
    const runs = await queryRows(
      client,
      z.object({ id: z.string() }),
      'SELECT id FROM run WHERE sweep_id = $1 AND state = ANY($2::run_state[]) ORDER BY id FOR UPDATE',
      [sweepId, statesOf(state)],
    );
    if (runs.length === 0) throw refusal.nothingToRetry(statesOf(state).join(' or '));
    await requeue(client, { sweepId, runIds: runs.map(({ id }) => id) });
  });
  return readSweep(context, sweepId);
}

/** What `retrySweep` would requeue; nothing is changed. Refuses as it does. */
export async function planRetry({ db }: Context, { sweepId, state }: Retry): Promise<RetryPlan> {
  return inTransaction(db, async (client) => {
    await lockSweep(client, sweepId, 'retried');
    const plan = { failed: 0, cancelled: 0, ...(await countRuns(client, { sweepId, state })) };
    if (plan.failed + plan.cancelled === 0) throw refusal.nothingToRetry(statesOf(state).join(' or '));
    return { runs: plan.failed + plan.cancelled, ...plan };
  });
}

const statesOf = (state: Retryable | undefined): readonly Retryable[] =>
  state === undefined ? RUN_VERBS.retried : [state];

const Count = z.object({ state: z.enum(RUN_VERBS.retried), count: z.int() });

async function countRuns(db: Queryable, { sweepId, state }: Retry): Promise<Partial<Record<Retryable, number>>> {
  const rows = await queryRows(
    db,
    Count,
    'SELECT state, count(*)::integer AS count FROM run WHERE sweep_id = $1 AND state = ANY($2::run_state[]) GROUP BY state',
    [sweepId, statesOf(state)],
  );
  return Object.fromEntries(rows.map(({ state: found, count }) => [found, count]));
}

/** Requeues runs that the transaction has locked, and opens their sweep again. */
async function requeue(
  client: pg.PoolClient,
  { sweepId, runIds }: { sweepId: string; runIds: readonly string[] },
): Promise<void> {
  await client.query(
    `WITH retried AS (
       UPDATE run SET state = 'queued', cause = NULL, message = NULL, losses = 0, progress = NULL,
         cancel_requested_at = NULL, paused_at = NULL, stop_reason = NULL, heartbeat_at = NULL, started_at = NULL, finished_at = NULL
       WHERE id = ANY($1) RETURNING id, attempt, sweep_id, position
     )
     INSERT INTO outbox (run_id, attempt, sweep_id, position) SELECT id, attempt + 1, sweep_id, position FROM retried`,
    [runIds],
  );
  await client.query('UPDATE sweep SET cancelled_at = NULL WHERE id = $1', [sweepId]);
}
