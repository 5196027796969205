import type { CheckpointFile } from '@ablate/contracts';
import { neededByFork } from '../checkpoints/needed-by-fork.ts';
import type { Database } from '../database.ts';

/** How many checkpoints of each kind a run keeps, newest first. Pinned checkpoints, and those from which another run is to start, are kept and do not count. */
export type Retention = Record<CheckpointFile['kind'], number>;

/** The newest of each kind, and the `last` before it, which a run resumes from if the newest is damaged. */
export const DEFAULT_RETENTION: Retention = { best: 1, last: 2 };

/**
 * Records a checkpoint file as the newest of its kind in its run; `keep` decides how many older ones stay. `namedFiles` lists
 * the files that rows still name. Nothing is written if the attempt is no longer held.
 * @returns whether the attempt is held
 */
export async function recordCheckpoint(
  { pool }: Database,
  {
    runId,
    attempt,
    checkpoint,
    keep = DEFAULT_RETENTION,
  }: { runId: string; attempt: number; checkpoint: CheckpointFile; keep?: Retention },
): Promise<boolean> {
  const { kind, file, sha256, bytes, step, epoch, valAccuracy } = checkpoint;
  const { rowCount } = await pool.query(
    `WITH held AS (
       UPDATE run SET losses = CASE
         WHEN $7 > coalesce((SELECT max(step) FROM checkpoint WHERE run_id = $1), -1) THEN 0 ELSE losses END
       WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING id
     ), saved AS (
       UPDATE attempt SET saved_at = now() FROM held WHERE run_id = held.id AND number = $2
     ), replaced AS (
       SELECT checkpoint.* FROM checkpoint JOIN held ON run_id = held.id WHERE kind = $3::checkpoint_kind AND file <> $4
       FOR UPDATE OF checkpoint
     ), moved AS (
       INSERT INTO past_checkpoint (id, run_id, kind, attempt, file, sha256, bytes, step, epoch, val_accuracy, created_at, pinned_at)
       SELECT id, run_id, kind, attempt, file, sha256, bytes, step, epoch, val_accuracy, created_at, pinned_at FROM replaced
       WHERE $10 > 1 OR pinned_at IS NOT NULL OR ${neededByFork('replaced.id')}
     ), ranked AS (
       SELECT id, row_number() OVER (ORDER BY step DESC, created_at DESC) AS rank FROM past_checkpoint
       WHERE run_id = $1 AND kind = $3::checkpoint_kind AND pinned_at IS NULL AND NOT ${neededByFork('past_checkpoint.id')}
     ), dropped AS (
       DELETE FROM past_checkpoint USING held, ranked WHERE past_checkpoint.id = ranked.id
         AND rank > $10 - 1 - (SELECT count(*) FROM replaced WHERE pinned_at IS NULL AND NOT ${neededByFork('replaced.id')})
     ), written AS (
       INSERT INTO checkpoint (run_id, attempt, kind, file, sha256, bytes, step, epoch, val_accuracy)
       SELECT id, $2, $3::checkpoint_kind, $4, $5, $6, $7, $8, $9 FROM held CROSS JOIN (SELECT count(*) FROM replaced) locked_before
       ON CONFLICT (run_id, kind) DO UPDATE SET id = excluded.id, attempt = excluded.attempt, file = excluded.file,
         sha256 = excluded.sha256, bytes = excluded.bytes, step = excluded.step, epoch = excluded.epoch,
         val_accuracy = excluded.val_accuracy, created_at = excluded.created_at,
         pinned_at = CASE WHEN checkpoint.file = excluded.file THEN checkpoint.pinned_at END
     )
     SELECT id FROM held`,
    [runId, attempt, kind, file, sha256, bytes, step, epoch, valAccuracy, keep[kind]],
  );
  return rowCount === 1;
}
