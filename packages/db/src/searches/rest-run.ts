import type { RunJob } from '@ablate/contracts';
import type pg from 'pg';
import { z } from 'zod';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';
import { inTransaction } from '../transaction.ts';

export type Rest = RunJob & { epoch: number; valAccuracy: number; valLoss: number };

/** Why a run waits that its search stopped. */
export const reachedMessage = (epoch: number): string => `waits for its search after epoch ${epoch}`;

const Row = z.object({ cancelRequested: z.boolean() });

/**
 * Ends an attempt that has trained as far as its search asked for: the run waits in the outbox, held, until the search sends it on or drops it.
 * A run whose cancel was requested is cancelled. Returns the new state, or null if the attempt is no longer held.
 */
export const restRun = (db: Database, rest: Rest): Promise<'queued' | 'cancelled' | null> =>
  inTransaction(db, (client) => restHeldRun(client, rest));

/** `restRun` within an open transaction; `untrained`: the attempt has taken no time. */
export async function restHeldRun(
  client: pg.PoolClient,
  { runId, attempt, epoch, valAccuracy, valLoss }: Rest,
  { untrained = false }: { untrained?: boolean } = {},
): Promise<'queued' | 'cancelled' | null> {
  const [run] = await queryRows(
    client,
    Row,
    `SELECT cancel_requested_at IS NOT NULL AS "cancelRequested" FROM run
       WHERE id = $1 AND attempt = $2 AND state = 'running' FOR UPDATE`,
    [runId, attempt],
  );
  if (run === undefined) return null;
  const state = run.cancelRequested ? 'cancelled' : 'queued';
  await client.query(
    `UPDATE attempt SET cause = 'preempted', message = $3, ended_at = CASE WHEN $4 THEN started_at ELSE now() END
       WHERE run_id = $1 AND number = $2`,
    [runId, attempt, reachedMessage(epoch), untrained],
  );
  await client.query(
    `UPDATE run SET state = $2::run_state, cause = CASE WHEN $2 = 'cancelled' THEN 'cancelled'::cause END, message = $3, losses = 0,
         heartbeat_at = NULL, stop_reason = NULL, reached_epoch = $4, reached_accuracy = $5, reached_loss = $6,
         finished_at = CASE WHEN $2 = 'cancelled' THEN now() END
       WHERE id = $1`,
    [runId, state, reachedMessage(epoch), epoch, valAccuracy, valLoss],
  );
  if (state === 'queued')
    await client.query(
      `INSERT INTO outbox (run_id, attempt, sweep_id, position, held)
         SELECT id, attempt + 1, sweep_id, position, true FROM run WHERE id = $1`,
      [runId],
    );
  return state;
}
