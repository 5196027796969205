import type { RunView, SweepView } from '@ablate/contracts';
import { HELD, inTransaction, type Queryable } from '@ablate/db';
import type { Context } from './context.ts';
import { findRun } from './find-run.ts';
import { readSweep } from './find-sweep.ts';
import { lockRun, lockSweep } from './verbs.ts';

/** The stop reason of a paused run. Resuming clears only this reason. */
const PAUSED = 'paused by a user';

/**
 * Pauses a run: a queued run at once; a running one saves a checkpoint, stops and waits in the queue.
 * Idempotent. Refuses an unknown id (`not_found`) and a finished run (`conflict`).
 */
export const pauseRun = (context: Context, runId: string): Promise<RunView> => setRunPaused(context, runId, true);

/** Resumes a paused run from its newest checkpoint. It still waits while its sweep is paused. Refuses as `pauseRun` does. */
export const resumeRun = (context: Context, runId: string): Promise<RunView> => setRunPaused(context, runId, false);

/**
 * Pauses a sweep: no run of it starts, and its running runs save a checkpoint, stop and wait in the queue.
 * Idempotent. Refuses an unknown id (`not_found`) and a finished or cancelled sweep (`conflict`).
 */
export const pauseSweep = (context: Context, sweepId: string): Promise<SweepView> =>
  setSweepPaused(context, sweepId, true);

/** Resumes a paused sweep from its checkpoints. Idempotent. Refuses as `pauseSweep` does. */
export const resumeSweep = (context: Context, sweepId: string): Promise<SweepView> =>
  setSweepPaused(context, sweepId, false);

async function setRunPaused(context: Context, runId: string, paused: boolean): Promise<RunView> {
  await inTransaction(context.db, async (client) => {
    await lockRun(client, runId, paused ? 'paused' : 'resumed');
    await client.query(
      `UPDATE run SET paused_at = CASE WHEN $2 THEN coalesce(paused_at, now()) END,
         stop_reason = CASE
           WHEN state = 'running' AND $2 THEN coalesce(stop_reason, $3)
           WHEN stop_reason = $3 AND NOT EXISTS (SELECT FROM sweep WHERE id = run.sweep_id AND paused_at IS NOT NULL) THEN NULL
           ELSE stop_reason END
       WHERE id = $1`,
      [runId, paused, PAUSED],
    );
    if (paused) await recall(client, 'run_id', runId);
    await client.query(`UPDATE outbox SET held = ${HELD} FROM run WHERE run.id = $1 AND outbox.run_id = run.id`, [
      runId,
    ]);
  });
  return findRun(context, runId);
}

async function setSweepPaused(context: Context, sweepId: string, paused: boolean): Promise<SweepView> {
  await inTransaction(context.db, async (client) => {
    await lockSweep(client, sweepId, paused ? 'paused' : 'resumed');
    await client.query('UPDATE sweep SET paused_at = CASE WHEN $2 THEN coalesce(paused_at, now()) END WHERE id = $1', [
      sweepId,
      paused,
    ]);
    if (paused) await recall(client, 'sweep_id', sweepId);
    await client.query(
      `UPDATE run SET stop_reason = CASE WHEN $2 THEN $3 END WHERE sweep_id = $1 AND state = 'running' AND paused_at IS NULL
         AND cancel_requested_at IS NULL AND stop_reason IS NOT DISTINCT FROM CASE WHEN $2 THEN NULL ELSE $3 END`,
      [sweepId, paused, PAUSED],
    );
  });
  return readSweep(context, sweepId);
}

/**
 * Recalls dispatched runs that no worker has claimed: a claim of their jobs fails from here on. Needs the dispatch lock.
 * Runs are locked before their outbox rows, as everywhere.
 */
async function recall(client: Queryable, column: 'sweep_id' | 'run_id', id: string): Promise<void> {
  await client.query(
    `SELECT FROM run WHERE id IN (SELECT run_id FROM outbox WHERE ${column} = $1 AND dispatched_at IS NOT NULL)
     ORDER BY id FOR UPDATE`,
    [id],
  );
  await client.query(`UPDATE outbox SET dispatched_at = NULL WHERE ${column} = $1 AND dispatched_at IS NOT NULL`, [id]);
}
