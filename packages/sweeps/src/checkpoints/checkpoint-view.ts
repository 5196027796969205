import type { CheckpointView } from '@ablate/contracts';

export type CheckpointRow = Omit<CheckpointView, 'bytes' | 'createdAt'> & {
  file: string;
  bytes: string;
  createdAt: Date;
};

/** What is read of `any_checkpoint`. */
export const CHECKPOINT_COLUMNS = `id, run_id AS "runId", kind, attempt, file, sha256, bytes, step, epoch,
  val_accuracy AS "valAccuracy", created_at AS "createdAt", current, pinned_at IS NOT NULL AS pinned`;

export const checkpointView = ({ file: _, bytes, createdAt, ...row }: CheckpointRow): CheckpointView => ({
  ...row,
  bytes: Number(bytes),
  createdAt: createdAt.toISOString(),
});
