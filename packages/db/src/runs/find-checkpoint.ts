import type { CheckpointView } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { notFound } from '../refusal.ts';
import { checkpointView } from './checkpoint-view.ts';

/**
 * A checkpoint and the name of its file within its run's folder.
 * Refuses (`not_found`) an id that is none, or that a newer checkpoint of its kind replaced.
 */
export async function findCheckpoint(
  { prisma }: Database,
  checkpointId: string,
): Promise<CheckpointView & { file: string }> {
  const row = await prisma.checkpoint.findUnique({ where: { id: checkpointId } });
  if (row === null) throw notFound('checkpoint', checkpointId);
  return { ...checkpointView(row), file: row.file };
}
