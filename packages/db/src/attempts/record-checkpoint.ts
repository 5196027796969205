import type { CheckpointFile } from '@ablate/contracts';
import type { Database } from '../database.ts';

/**
 * Write down a checkpoint file, the only one of its kind in its run. `replaced` names the file that it stands in for,
 * which may be deleted now. Nothing is written once the attempt is not held any more.
 */
export async function recordCheckpoint(
  { pool }: Database,
  { runId, attempt, checkpoint }: { runId: string; attempt: number; checkpoint: CheckpointFile },
): Promise<{ held: boolean; replaced: string | null }> {
  const { kind, file, sha256, bytes, step, epoch, valAccuracy } = checkpoint;
  const { rows } = await pool.query<{ replaced: string | null }>(
    `WITH before AS (
       SELECT max(step) AS step, max(file) FILTER (WHERE kind = $3::checkpoint_kind) AS file
       FROM checkpoint WHERE run_id = $1
     ), held AS (
       UPDATE run SET losses = CASE WHEN $7 > coalesce((SELECT step FROM before), -1) THEN 0 ELSE losses END
       WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING id
     ), written AS (
       INSERT INTO checkpoint (run_id, attempt, kind, file, sha256, bytes, step, epoch, val_accuracy)
       SELECT id, $2, $3::checkpoint_kind, $4, $5, $6, $7, $8, $9 FROM held
       ON CONFLICT (run_id, kind) DO UPDATE SET id = excluded.id, attempt = excluded.attempt, file = excluded.file,
         sha256 = excluded.sha256, bytes = excluded.bytes, step = excluded.step, epoch = excluded.epoch,
         val_accuracy = excluded.val_accuracy, created_at = excluded.created_at
     )
     SELECT nullif(before.file, $4) AS replaced FROM held CROSS JOIN before`,
    [runId, attempt, kind, file, sha256, bytes, step, epoch, valAccuracy],
  );
  return { held: rows[0] !== undefined, replaced: rows[0]?.replaced ?? null };
}
