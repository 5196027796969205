import type { SweepView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { inTransaction, lockDispatch, notFound, Refusal, withdraw } from '@ablate/db';
import { PAUSED } from '../runs/pause-run.ts';
import { findSweep } from './find-sweep.ts';

/**
 * Let nothing more of a sweep begin: what waits goes on waiting, what runs saves a checkpoint, stops and waits as well.
 * Again is no error. Refuses an id that is none (`not_found`) and a sweep that has ended (`conflict`).
 */
export const pauseSweep = (db: Database, sweepId: string): Promise<SweepView> => setPaused(db, sweepId, true);

/** Let a paused sweep go on, from its checkpoints. Again is no error; refuses as `pauseSweep` does. */
export const resumeSweep = (db: Database, sweepId: string): Promise<SweepView> => setPaused(db, sweepId, false);

async function setPaused(db: Database, sweepId: string, paused: boolean): Promise<SweepView> {
  await inTransaction(db, async (client) => {
    await lockDispatch(client);
    const { rows } = await client.query<{ open: boolean }>(
      `UPDATE sweep SET paused_at = CASE WHEN $2 THEN coalesce(paused_at, now()) END WHERE id = $1
       RETURNING cancelled_at IS NULL AND EXISTS (SELECT FROM run WHERE sweep_id = $1 AND state IN ('queued', 'running')) AS open`,
      [sweepId, paused],
    );
    const [row] = rows;
    if (row === undefined) throw notFound('sweep', sweepId);
    if (!row.open) throw new Refusal('conflict', 'every run of the sweep has ended');
    if (paused) await withdraw(client, 'sweep_id', sweepId);
    await client.query(
      `UPDATE run SET stop_reason = CASE WHEN $2 THEN $3 END WHERE sweep_id = $1 AND state = 'running' AND paused_at IS NULL
         AND cancel_requested_at IS NULL AND stop_reason IS NOT DISTINCT FROM CASE WHEN $2 THEN NULL ELSE $3 END`,
      [sweepId, paused, PAUSED],
    );
  });
  const { spec: _, ...view } = await findSweep(db, sweepId);
  return view;
}
