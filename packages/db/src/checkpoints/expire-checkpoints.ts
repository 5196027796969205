import type { CheckpointFile } from '@ablate/contracts';
import type { Retention } from '../attempts/record-checkpoint.ts';
import type { Database } from '../database.ts';

export type Expired = { runId: string; file: string; kind: CheckpointFile['kind']; bytes: number };

/**
 * Forget checkpoints of finished runs beyond what `keep` says. Never one that is pinned, nor the best one of a sweep's
 * best run. With `dryRun` nothing is forgotten; either way these are returned. Their files are the caller's to remove.
 */
export async function expireCheckpoints(
  { pool }: Database,
  { keep, dryRun }: { keep: Retention; dryRun: boolean },
): Promise<Expired[]> {
  const { rows } = await pool.query<Omit<Expired, 'bytes'> & { bytes: string }>(
    `WITH ranked AS (
       SELECT any_checkpoint.id, run_id, kind, file, bytes, any_checkpoint.pinned_at,
         row_number() OVER (PARTITION BY run_id, kind ORDER BY current DESC, step DESC) AS place, current,
         run.id = first_value(run.id) OVER (PARTITION BY run.sweep_id ORDER BY run.val_accuracy DESC NULLS LAST, run.position) AS champion
       FROM any_checkpoint JOIN run ON run.id = run_id
       WHERE run.state IN ('succeeded', 'failed', 'cancelled', 'pruned')
     ), expired AS (
       SELECT * FROM ranked WHERE pinned_at IS NULL AND place > CASE kind WHEN 'best' THEN $1::integer ELSE $2::integer END
         AND NOT (champion AND kind = 'best' AND current)
     ), now_ones AS (
       DELETE FROM checkpoint USING expired WHERE checkpoint.id = expired.id AND NOT $3::boolean
     ), past_ones AS (
       DELETE FROM past_checkpoint USING expired WHERE past_checkpoint.id = expired.id AND NOT $3::boolean
     )
     SELECT run_id AS "runId", file, kind, bytes FROM expired ORDER BY run_id, file`,
    [keep.best, keep.last, dryRun],
  );
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
}
