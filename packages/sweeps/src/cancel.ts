import type { RunView, SweepView } from '@ablate/contracts';
import { cancelRuns, inTransaction } from '@ablate/db';
import type { Context } from './context.ts';
import { findRun } from './find-run.ts';
import { readSweep } from './find-sweep.ts';
import { lockRun, lockSweep } from './verbs.ts';

/**
 * Cancels a run: a queued run at once, a running one with its worker's next heartbeat. Idempotent.
 * Refuses an unknown id (`not_found`) and a run that has succeeded, failed or been pruned (`conflict`).
 */
export async function cancelRun(context: Context, runId: string): Promise<RunView> {
  await inTransaction(context.db, async (client) => {
    await lockRun(client, runId, 'cancelled');
    await cancelRuns(client, { runId });
  });
  return findRun(context, runId);
}

/**
 * Cancels the unfinished runs of a sweep: queued runs at once, running ones with their workers' next heartbeats.
 * Idempotent. Refuses an unknown id (`not_found`) and a finished sweep (`conflict`).
 */
export async function cancelSweep(context: Context, sweepId: string): Promise<SweepView> {
  await inTransaction(context.db, async (client) => {
    await lockSweep(client, sweepId, 'cancelled');
    await client.query('UPDATE sweep SET cancelled_at = coalesce(cancelled_at, now()) WHERE id = $1', [sweepId]);
    await cancelRuns(client, { sweepId });
  });
  return readSweep(context, sweepId);
}
