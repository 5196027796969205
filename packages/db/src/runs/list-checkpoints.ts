import type { CheckpointView } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { notFound } from '../refusal.ts';
import { checkpointView } from './checkpoint-view.ts';

/** A run's checkpoints, best first: one of each kind at most. Refuses (`not_found`) a run that is none. */
export async function listCheckpoints({ prisma }: Database, runId: string): Promise<CheckpointView[]> {
  const rows = await prisma.checkpoint.findMany({ where: { runId }, orderBy: { kind: 'asc' } });
  if (rows.length === 0 && (await prisma.run.count({ where: { id: runId } })) === 0) throw notFound('run', runId);
  return rows.map(checkpointView);
}
