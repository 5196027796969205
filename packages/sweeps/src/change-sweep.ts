import type { SweepChange, SweepView } from '@ablate/contracts';
import { inTransaction } from '@ablate/db';
import type { Context } from './context.ts';
import { readSweep } from './find-sweep.ts';
import { lockSweep } from './verbs.ts';

/**
 * Changes a sweep's priority, its limit of running runs and its budget of device hours. An omitted field keeps its value;
 * null removes a limit. The next dispatch applies the change; running runs go on, also above a lower limit.
 * Refuses (`not_found`) an unknown id.
 */
export async function changeSweep(
  context: Context,
  { sweepId, priority, limits, budget }: SweepChange & { sweepId: string },
): Promise<SweepView> {
  await inTransaction(context.db, async (client) => {
    await lockSweep(client, sweepId, 'changed');
    await client.query(
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
  });
  return readSweep(context, sweepId);
}
