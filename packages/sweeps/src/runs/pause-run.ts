import type { RunView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { inTransaction, lockDispatch, Refusal, withdraw } from '@ablate/db';
import { findRun } from './find-run.ts';

/** What a trainer is told that stops for a pause. */
export const PAUSED = 'paused by a user';

/**
 * Let a run wait: at once while it is queued; while it is running it saves a checkpoint, stops and waits in the queue.
 * Again is no error. Refuses an id that is none (`not_found`) and a run that has ended (`conflict`).
 */
export const pauseRun = (db: Database, runId: string): Promise<RunView> => setPaused(db, runId, true);

/** Let a paused run go on, from its newest checkpoint. It waits on while its sweep is paused. Refuses as `pauseRun` does. */
export const resumeRun = (db: Database, runId: string): Promise<RunView> => setPaused(db, runId, false);

async function setPaused(db: Database, runId: string, paused: boolean): Promise<RunView> {
  await inTransaction(db, async (client) => {
    await lockDispatch(client);
    await client.query(
      `UPDATE run SET paused_at = CASE WHEN $2 THEN coalesce(paused_at, now()) END,
         stop_reason = CASE
           WHEN state = 'running' AND $2 THEN coalesce(stop_reason, $3)
           WHEN stop_reason = $3 AND NOT EXISTS (SELECT FROM sweep WHERE id = run.sweep_id AND paused_at IS NOT NULL) THEN NULL
           ELSE stop_reason END
       WHERE id = $1 AND state IN ('queued', 'running')`,
      [runId, paused, PAUSED],
    );
    if (paused) await withdraw(client, 'run_id', runId);
    await client.query('UPDATE outbox SET held = $2 WHERE run_id = $1', [runId, paused]);
  });
  const run = await findRun(db, runId);
  if (run.state !== 'queued' && run.state !== 'running')
    throw new Refusal('conflict', `the run is ${run.state}, and what is finished can neither be paused nor resumed`);
  return run;
}
