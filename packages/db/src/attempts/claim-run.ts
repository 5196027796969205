import type { CheckpointFile, Config, RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';

/** What a worker needs to train a run. Checkpoints come newest first. */
export type Claim = { config: Config; seed: number; checkpoints: (CheckpointFile & { id: string })[] };

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
      stop_reason = NULL
    FROM taken WHERE run.id = taken.id AND run.state = 'queued' AND run.attempt = taken.attempt - 1
    RETURNING run.id, run.attempt, run.config_id, run.seed, taken.worker
  ), begun AS (
    INSERT INTO attempt (run_id, number, worker) SELECT id, attempt, worker FROM claimed
  )
  SELECT claimed.id AS "runId", claimed.attempt, config.config, claimed.seed, coalesce(
    (SELECT jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'file', file, 'sha256', sha256, 'bytes', bytes,
       'step', step, 'epoch', epoch, 'valAccuracy', val_accuracy) ORDER BY step DESC, kind DESC)
     FROM any_checkpoint WHERE run_id = claimed.id), '[]') AS checkpoints
  FROM claimed JOIN config ON config.id = claimed.config_id`;

/**
 * Begin attempts of queued runs that were handed to the queue, in one statement: of all who claim one a single one wins,
 * everybody else gets null, and so does whoever comes after the run was cancelled, paused or taken back. From here on every
 * write of the attempts before it is refused.
 */
export async function claimRuns(
  { pool }: Database,
  asked: readonly (RunJob & { worker: string })[],
): Promise<(Claim | null)[]> {
  const { rows } = await pool.query<RunJob & Claim>({
    name: 'claim-runs',
    text: STATEMENT,
    values: [asked.map(({ runId }) => runId), asked.map(({ attempt }) => attempt), asked.map(({ worker }) => worker)],
  });
  return asked.map(({ runId, attempt }) => {
    const place = rows.findIndex((row) => row.runId === runId && row.attempt === attempt);
    const [row] = place === -1 ? [] : rows.splice(place, 1); // who asks for the same once more gets nothing
    return row === undefined ? null : { config: row.config, seed: row.seed, checkpoints: row.checkpoints };
  });
}

/** `claimRuns` of one attempt. */
export async function claimRun(db: Database, asked: RunJob & { worker: string }): Promise<Claim | null> {
  const [claim] = await claimRuns(db, [asked]);
  return claim ?? null;
}
