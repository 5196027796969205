import { CheckpointFile, type Config, RunJob } from '@ablate/contracts';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';

const Claim = z.object({
  // The trainer parses it when it receives it, so that a config it cannot run fails the run, not the claim.
  config: z.custom<Config>(),
  seed: z.int(),
  until: z.int().nullable(),
  /** Device seconds of earlier attempts that are not lost. */
  spentSeconds: z.number(),
  fork: z
    .object({
      run: z.string(),
      epoch: z.int(),
      config: z.custom<Config>(),
      checkpoint: CheckpointFile.nullable(),
    })
    .nullable(),
  checkpoints: z.array(CheckpointFile.extend({ id: z.string() })),
});
/** What a worker needs to train a run, `until` an epoch or the end. Checkpoints are listed newest first. `fork`: another run, and its checkpoint from which this one starts; null if that is gone. */
export type Claim = z.infer<typeof Claim>;
const Row = RunJob.extend(Claim.shape);

/** SQL: the fields of a checkpoint file. */
const FILE = `'kind', kind, 'file', file, 'sha256', sha256, 'bytes', bytes, 'step', step, 'epoch', epoch, 'valAccuracy', val_accuracy`;

const STATEMENT = `
  WITH locked AS MATERIALIZED (
    SELECT run.id, asked.attempt, asked.worker
    FROM unnest($1::uuid[], $2::integer[], $3::text[]) AS asked(id, attempt, worker)
    JOIN run ON run.id = asked.id AND run.state = 'queued' AND run.attempt = asked.attempt - 1
    ORDER BY run.id FOR UPDATE OF run
  ), taken AS (
    DELETE FROM outbox USING locked
    WHERE outbox.run_id = locked.id AND outbox.attempt = locked.attempt AND outbox.dispatched_at IS NOT NULL
    RETURNING locked.*
  ), claimed AS (
    UPDATE run SET state = 'running', attempt = taken.attempt, heartbeat_at = now(), started_at = coalesce(started_at, now()),
      stop_reason = NULL, message = NULL
    FROM taken WHERE run.id = taken.id AND run.state = 'queued' AND run.attempt = taken.attempt - 1
    RETURNING run.id, run.attempt, run.config_id, run.seed, run.until_epoch, run.useful_seconds, run.forked_from, run.forked_epoch, run.forked_checkpoint,
      taken.worker
  ), begun AS (
    INSERT INTO attempt (run_id, number, worker) SELECT id, attempt, worker FROM claimed
  )
  SELECT claimed.id AS "runId", claimed.attempt, config.config, claimed.seed, claimed.until_epoch AS until,
    coalesce(claimed.useful_seconds, 0) AS "spentSeconds",
    (SELECT jsonb_build_object('run', other.id, 'epoch', claimed.forked_epoch, 'config', own.config, 'checkpoint',
       (SELECT jsonb_build_object(${FILE}) FROM any_checkpoint WHERE id = claimed.forked_checkpoint))
     FROM run other JOIN config own ON own.id = other.config_id WHERE other.id = claimed.forked_from) AS fork,
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', id, ${FILE}) ORDER BY step DESC, kind DESC)
     FROM any_checkpoint WHERE run_id = claimed.id), '[]') AS checkpoints
  FROM claimed JOIN config ON config.id = claimed.config_id`;

/**
 * Claims dispatched runs, in one statement: the attempts start, and every write of earlier attempts is refused from here on.
 * Of several claims for the same attempt one succeeds. The others return null, and so does a claim for a run that was
 * cancelled, paused or recalled from the queue.
 */
export async function claimRuns(
  { pool }: Database,
  asked: readonly (RunJob & { worker: string })[],
): Promise<(Claim | null)[]> {
  const rows = await queryRows(pool, Row, {
    name: 'claim-runs',
    text: STATEMENT,
    values: [asked.map(({ runId }) => runId), asked.map(({ attempt }) => attempt), asked.map(({ worker }) => worker)],
  });
  return asked.map(({ runId, attempt }) => {
    const index = rows.findIndex((row) => row.runId === runId && row.attempt === attempt);
    const [row] = index === -1 ? [] : rows.splice(index, 1); // a duplicate claim in `asked` gets null
    if (row === undefined) return null;
    const { runId: _, attempt: __, ...claim } = row;
    return claim;
  });
}

/** `claimRuns` for one attempt. */
export async function claimRun(db: Database, asked: RunJob & { worker: string }): Promise<Claim | null> {
  const [claim] = await claimRuns(db, [asked]);
  return claim ?? null;
}
