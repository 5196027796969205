import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

const Count = z.object({ insides: z.int() });

/**
 * Deletes what finished runs look at if their best checkpoint is gone: it is kept as long as the weights that it describes. Returns how many;
 * with `dryRun` nothing is deleted.
 */
export async function expireInside({ pool }: Database, { dryRun }: { dryRun: boolean }): Promise<number> {
  const [row] = await queryRows(
    pool,
    Count,
    `WITH expired AS (
       SELECT inside.run_id FROM inside JOIN run ON run.id = inside.run_id
       WHERE run.state IN ('succeeded', 'failed', 'cancelled', 'pruned')
         AND NOT EXISTS (SELECT FROM any_checkpoint WHERE run_id IN (run.id, run.reused_from) AND kind = 'best')
     ), deleted AS (
       DELETE FROM inside USING expired WHERE inside.run_id = expired.run_id AND NOT $1::boolean
     )
     SELECT count(*)::integer AS insides FROM expired`,
    [dryRun],
  );
  if (!dryRun)
    await pool.query(
      `DELETE FROM inside_images WHERE used_at < now() - interval '1 day'
         AND NOT EXISTS (SELECT FROM inside WHERE inside.images_id = inside_images.id)`,
    );
  return row?.insides ?? 0;
}
