import type { CheckpointView } from '@ablate/contracts';
import { CheckpointFile } from '@ablate/contracts';
import { BigInteger, queryRows } from '@ablate/db';
import { z } from 'zod';
import type { Context } from './context.ts';
import { requireRun } from './find-run.ts';
import { refusal } from './refusal.ts';

const Row = z.object({
  id: z.string(),
  runId: z.string(),
  kind: CheckpointFile.shape.kind,
  attempt: z.int(),
  file: z.string(),
  sha256: z.string(),
  bytes: BigInteger,
  step: z.int(),
  epoch: z.int(),
  valAccuracy: z.number().nullable(),
  createdAt: z.date(),
  current: z.boolean(),
  pinned: z.boolean(),
});

/** The columns of `Row`. */
const COLUMNS = `id, run_id AS "runId", kind, attempt, file, sha256, bytes, step, epoch,
  val_accuracy AS "valAccuracy", created_at AS "createdAt", current, pinned_at IS NOT NULL AS pinned`;

const view = ({ file: _, createdAt, ...row }: z.infer<typeof Row>): CheckpointView => ({
  ...row,
  createdAt: createdAt.toISOString(),
});

/**
 * A checkpoint, and the name of its file in the folder of its run.
 * Refuses (`not_found`) an unknown id, also that of a checkpoint that was replaced and not retained.
 */
export async function findCheckpoint(
  { db }: Context,
  checkpointId: string,
): Promise<CheckpointView & { file: string }> {
  const [row] = await queryRows(db.pool, Row, `SELECT ${COLUMNS} FROM any_checkpoint WHERE id = $1`, [checkpointId]);
  if (row === undefined) throw refusal.unknown('checkpoint', checkpointId);
  return { ...view(row), file: row.file };
}

/** The checkpoints of a run, or of the run whose result it has: first the current ones, best before last, then the older ones. Refuses (`not_found`) an unknown run id. */
export async function listCheckpoints(context: Context, runId: string): Promise<CheckpointView[]> {
  const rows = await queryRows(
    context.db.pool,
    Row,
    `SELECT ${COLUMNS} FROM any_checkpoint WHERE run_id = coalesce((SELECT reused_from FROM run WHERE id = $1), $1) ORDER BY current DESC, kind, step DESC`,
    [runId],
  );
  if (rows.length === 0) await requireRun(context, runId);
  return rows.map(view);
}

/** Pins a checkpoint, which exempts it from retention, or unpins it. Refuses (`not_found`) an unknown id. */
export async function pinCheckpoint(
  context: Context,
  { id, pinned }: { id: string; pinned: boolean },
): Promise<CheckpointView> {
  const value = pinned ? 'coalesce(pinned_at, now())' : 'NULL';
  for (;;) {
    await context.db.pool.query(
      `WITH current AS (UPDATE checkpoint SET pinned_at = ${value} WHERE id = $1)
       UPDATE past_checkpoint SET pinned_at = ${value} WHERE id = $1`,
      [id],
    );
    const { file: _, ...checkpoint } = await findCheckpoint(context, id);
    // If not, a newer checkpoint replaced it during the statement, and its row has moved to `past_checkpoint`.
    if (checkpoint.pinned === pinned) return checkpoint;
  }
}
