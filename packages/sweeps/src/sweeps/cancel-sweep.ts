import type { SweepView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { inTransaction, lockDispatch, notFound } from '@ablate/db';
import { CANCELLED } from '../runs/cancel-run.ts';
import { findSweep } from './find-sweep.ts';

/**
 * Cancel what of a sweep is not finished: queued runs at once, running ones as soon as their workers hear of it.
 * May be called again; refuses (`not_found`) an id that is none.
 */
export async function cancelSweep(db: Database, sweepId: string): Promise<SweepView> {
  await inTransaction(db, async (client) => {
    await lockDispatch(client);
    const { rowCount } = await client.query(
      'UPDATE sweep SET cancelled_at = coalesce(cancelled_at, now()) WHERE id = $1',
      [sweepId],
    );
    if (rowCount === 0) throw notFound('sweep', sweepId);
    await client.query(
      `WITH cancelled AS (
         UPDATE run SET state = 'cancelled', cause = 'cancelled', finished_at = now()
         WHERE id IN (SELECT id FROM run WHERE sweep_id = $1 AND state = 'queued' ORDER BY id FOR UPDATE) AND state = 'queued'
         RETURNING id
       )
       DELETE FROM outbox USING cancelled WHERE outbox.run_id = cancelled.id`,
      [sweepId],
    );
    await client.query(
      `UPDATE run SET cancel_requested_at = coalesce(cancel_requested_at, now()), stop_reason = $2
       WHERE sweep_id = $1 AND state = 'running' AND cancel_requested_at IS NULL`,
      [sweepId, CANCELLED],
    );
  });
  const { spec: _, ...view } = await findSweep(db, sweepId);
  return view;
}
