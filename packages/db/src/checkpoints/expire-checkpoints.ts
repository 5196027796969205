import { CheckpointFile } from '@ablate/contracts';
import { z } from 'zod';
import type { Retention } from '../attempts/record-checkpoint.ts';
import type { Database } from '../database.ts';
import { BigInteger, queryRows } from '../rows.ts';

const Expired = z.object({
  runId: z.string(),
  file: z.string(),
  kind: CheckpointFile.shape.kind,
  bytes: BigInteger,
});
export type Expired = z.infer<typeof Expired>;

/**
 * Deletes the rows of finished runs' checkpoints beyond what `keep` allows, except pinned ones and the best checkpoint of a
 * sweep's best run. Returns them; the caller removes the files. With `dryRun` nothing is deleted.
 */
export const expireCheckpoints = (
  { pool }: Database,
  { keep, dryRun }: { keep: Retention; dryRun: boolean },
): Promise<Expired[]> =>
  queryRows(
    pool,
    Expired,
    `WITH ranked AS (
       SELECT any_checkpoint.id, run_id, kind, file, bytes, any_checkpoint.pinned_at,
         row_number() OVER (PARTITION BY run_id, kind ORDER BY current DESC, step DESC) AS rank, current,
         run.id = first_value(run.id) OVER (PARTITION BY run.sweep_id ORDER BY run.val_accuracy DESC NULLS LAST, run.position) AS champion
       FROM any_checkpoint JOIN run ON run.id = run_id
       WHERE run.state IN ('succeeded', 'failed', 'cancelled', 'pruned')
     ), expired AS (
       SELECT * FROM ranked WHERE pinned_at IS NULL AND rank > CASE kind WHEN 'best' THEN $1::integer ELSE $2::integer END
         AND NOT (champion AND kind = 'best' AND current)
     ), deleted AS (
       DELETE FROM checkpoint USING expired WHERE checkpoint.id = expired.id AND NOT $3::boolean
     ), deleted_past AS (
       DELETE FROM past_checkpoint USING expired WHERE past_checkpoint.id = expired.id AND NOT $3::boolean
     )
     SELECT run_id AS "runId", file, kind, bytes FROM expired ORDER BY run_id, file`,
    [keep.best, keep.last, dryRun],
  );
