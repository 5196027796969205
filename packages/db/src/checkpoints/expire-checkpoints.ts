import { CheckpointFile } from '@ablate/contracts';
import { z } from 'zod';
import type { Retention } from '../attempts/record-checkpoint.ts';
import type { Database } from '../database.ts';
import { BigInteger, queryRows } from '../rows.ts';
import { inTransaction } from '../transaction.ts';
import { neededByFork } from './needed-by-fork.ts';

const Expired = z.object({
  runId: z.string(),
  file: z.string(),
  kind: CheckpointFile.shape.kind,
  bytes: BigInteger,
});
export type Expired = z.infer<typeof Expired>;

/** The best run of each sweep, or the run whose result it has. */
const CHAMPIONS = `
  SELECT DISTINCT ON (run.sweep_id) best.run_id
  FROM run JOIN checkpoint best ON best.run_id = coalesce(run.reused_from, run.id) AND best.kind = 'best'
  WHERE run.state IN ('succeeded', 'failed', 'cancelled', 'pruned')
  ORDER BY run.sweep_id, run.val_accuracy DESC NULLS LAST, run.position`;

/** Checkpoints of finished runs beyond the retention ($1 `best`, $2 `last` of each run). */
const EXPIRED = `
  SELECT id, run_id, file, kind, bytes FROM (
    SELECT any_checkpoint.id, run_id, kind, file, bytes, any_checkpoint.pinned_at, current,
      row_number() OVER (PARTITION BY run_id, kind ORDER BY current DESC, step DESC) AS rank,
      run_id IN (${CHAMPIONS}) AS champion
    FROM any_checkpoint JOIN run ON run.id = run_id
    WHERE run.state IN ('succeeded', 'failed', 'cancelled', 'pruned')
  ) ranked
  WHERE pinned_at IS NULL AND rank > CASE kind WHEN 'best' THEN $1::integer ELSE $2::integer END
    AND NOT (champion AND kind = 'best' AND current) AND NOT ${neededByFork('ranked.id')}`;

const COLUMNS = 'run_id AS "runId", file, kind, bytes';

/**
 * Deletes the rows of finished runs' checkpoints beyond what `keep` allows, except pinned ones, those from which a run is to start, and the best checkpoint of a
 * sweep's best run, also where another sweep trained it. Returns those that it deleted; the caller removes the files. With `dryRun` nothing is deleted.
 */
export async function expireCheckpoints(
  db: Database,
  { keep, dryRun }: { keep: Retention; dryRun: boolean },
): Promise<Expired[]> {
  const limits = [keep.best, keep.last];
  if (dryRun)
    return queryRows(db.pool, Expired, `SELECT ${COLUMNS} FROM (${EXPIRED}) expired ORDER BY run_id, file`, limits);
  return inTransaction(db, async (client) => {
    // A run that is retried from here on waits until its rows are deleted, and does not resume from their files. The
    // statement after this one sees the runs that were retried before, and the checkpoints that were pinned before.
    await client.query(
      `SELECT FROM run WHERE id IN (SELECT run_id FROM (${EXPIRED}) expired) ORDER BY id FOR SHARE`,
      limits,
    );
    return queryRows(
      client,
      Expired,
      `WITH expired AS (${EXPIRED}), deleted AS (
         DELETE FROM checkpoint USING expired WHERE checkpoint.id = expired.id AND checkpoint.pinned_at IS NULL
         RETURNING expired.*
       ), deleted_past AS (
         DELETE FROM past_checkpoint USING expired WHERE past_checkpoint.id = expired.id AND past_checkpoint.pinned_at IS NULL
         RETURNING expired.*
       )
       SELECT ${COLUMNS} FROM (SELECT * FROM deleted UNION ALL SELECT * FROM deleted_past) gone ORDER BY run_id, file`,
      limits,
    );
  });
}
