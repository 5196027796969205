import type { SweepChange, SweepView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { inTransaction, lockDispatch, notFound } from '@ablate/db';
import { findSweep } from './find-sweep.ts';

/**
 * Change what a sweep may use: its priority, how many of its runs may run at once, its device hours. What is not named
 * stays; null lifts a limit. Waiting runs feel it with the next dispatch; a lower limit ends nothing that runs.
 * Refuses (`not_found`) an id that is none.
 */
export async function changeSweep(
  db: Database,
  sweepId: string,
  { priority, limits, budget }: SweepChange,
): Promise<SweepView> {
  await inTransaction(db, async (client) => {
    await lockDispatch(client);
    const { rowCount } = await client.query(
      `UPDATE sweep SET priority = coalesce($2, priority),
         max_running = CASE WHEN $3 THEN $4::integer ELSE max_running END,
         device_hours = CASE WHEN $5 THEN $6::float8 ELSE device_hours END
       WHERE id = $1`,
      [
        sweepId,
        priority ?? null,
        limits?.running !== undefined,
        limits?.running ?? null,
        budget?.deviceHours !== undefined,
        budget?.deviceHours ?? null,
      ],
    );
    if (rowCount === 0) throw notFound('sweep', sweepId);
  });
  const { spec: _, ...view } = await findSweep(db, sweepId);
  return view;
}
