import type { CheckpointView } from '@ablate/contracts';
import type { Database } from '@ablate/db';
import { notFound } from '@ablate/db';
import { CHECKPOINT_COLUMNS, type CheckpointRow, checkpointView } from './checkpoint-view.ts';

/** A run's checkpoints: the current ones, best first, then those before them. Refuses (`not_found`) a run that is none. */
export async function listCheckpoints({ pool, prisma }: Database, runId: string): Promise<CheckpointView[]> {
  const { rows } = await pool.query<CheckpointRow>(
    `SELECT ${CHECKPOINT_COLUMNS} FROM any_checkpoint WHERE run_id = $1 ORDER BY current DESC, kind, step DESC`,
    [runId],
  );
  if (rows.length === 0 && (await prisma.run.count({ where: { id: runId } })) === 0) throw notFound('run', runId);
  return rows.map(checkpointView);
}
