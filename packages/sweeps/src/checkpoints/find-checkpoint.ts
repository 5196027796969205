import type { CheckpointView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { notFound } from '@ablate/db';
import { CHECKPOINT_COLUMNS, type CheckpointRow, checkpointView } from './checkpoint-view.ts';

/**
 * A checkpoint and the name of its file within its run's folder.
 * Refuses (`not_found`) an id that is none, or whose checkpoint newer ones replaced and that is not kept.
 */
export async function findCheckpoint(
  { pool }: Database,
  checkpointId: string,
): Promise<CheckpointView & { file: string }> {
  const { rows } = await pool.query<CheckpointRow>(`SELECT ${CHECKPOINT_COLUMNS} FROM any_checkpoint WHERE id = $1`, [
    checkpointId,
  ]);
  const [row] = rows;
  if (row === undefined) throw notFound('checkpoint', checkpointId);
  return { ...checkpointView(row), file: row.file };
}
