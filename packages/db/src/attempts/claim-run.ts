import type { CheckpointFile, Config } from '@ablate/contracts';
import type { Database } from '../database.ts';

/** What a worker needs to train a run. Checkpoints come newest first. */
export type Claim = { config: Config; seed: number; checkpoints: (CheckpointFile & { id: string })[] };

/**
 * Begin attempt `attempt` of a queued run: of all who claim it one wins, everybody else gets null.
 * From here on every write of the attempts before it is refused.
 */
export async function claimRun(
  { pool }: Database,
  { runId, attempt, worker }: { runId: string; attempt: number; worker: string },
): Promise<Claim | null> {
  const { rows } = await pool.query<Claim>(
    `WITH claimed AS (
       UPDATE run SET state = 'running', attempt = $2, heartbeat_at = now(), started_at = coalesce(started_at, now())
       WHERE id = $1 AND state = 'queued' AND attempt = $2 - 1
       RETURNING id, config_id, seed
     ), dispatched AS (
       DELETE FROM outbox USING claimed WHERE outbox.run_id = claimed.id
     ), begun AS (
       INSERT INTO attempt (run_id, number, worker) SELECT id, $2, $3 FROM claimed
     )
     SELECT config.config, claimed.seed, coalesce(
       (SELECT jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'file', file, 'sha256', sha256, 'bytes', bytes,
          'step', step, 'epoch', epoch, 'valAccuracy', val_accuracy) ORDER BY step DESC, kind DESC)
        FROM checkpoint WHERE run_id = $1), '[]') AS checkpoints
     FROM claimed JOIN config ON config.id = claimed.config_id`,
    [runId, attempt, worker],
  );
  return rows[0] ?? null;
}
