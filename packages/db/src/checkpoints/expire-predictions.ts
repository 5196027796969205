import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

const Count = z.object({ predictions: z.int() });

/**
 * Deletes the predictions of finished runs whose best checkpoint is gone: they are kept as long as the weights that they describe. Returns how
 * many; with `dryRun` nothing is deleted.
 */
export async function expirePredictions({ pool }: Database, { dryRun }: { dryRun: boolean }): Promise<number> {
  const [row] = await queryRows(
    pool,
    Count,
    `WITH expired AS (
       SELECT prediction.run_id, prediction.split FROM prediction JOIN run ON run.id = prediction.run_id
       WHERE run.state IN ('succeeded', 'failed', 'cancelled', 'pruned')
         AND NOT EXISTS (SELECT FROM any_checkpoint WHERE run_id IN (run.id, run.reused_from) AND kind = 'best')
     ), deleted AS (
       DELETE FROM prediction USING expired
       WHERE prediction.run_id = expired.run_id AND prediction.split = expired.split AND NOT $1::boolean
     )
     SELECT count(*)::integer AS predictions FROM expired`,
    [dryRun],
  );
  if (!dryRun)
    await pool.query(
      `DELETE FROM image_set WHERE used_at < now() - interval '1 day'
         AND NOT EXISTS (SELECT FROM prediction WHERE prediction.image_set_id = image_set.id)`,
    );
  return row?.predictions ?? 0;
}
