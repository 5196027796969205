import { RunJob } from '@ablate/contracts';
import { z } from 'zod';
import { endHeldAttempt } from '../attempts/end-attempt.ts';
import type { Ending } from '../attempts/ending.ts';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';
import { inTransaction } from '../transaction.ts';

const BATCH = 100;

const Expired = RunJob.extend({ lease: z.number() });

/**
 * Ends the attempts of running runs whose heartbeat is older than the lease of their worker, by the database's clock, as lost.
 * Their runs are requeued, failed or cancelled. At most 100 per call. `leaseSeconds` is the lease of workers without a row, of
 * an earlier version; null leaves their runs alone.
 */
export const reapLost = (
  db: Database,
  { leaseSeconds }: { leaseSeconds: number | null },
): Promise<(RunJob & { state: Ending })[]> =>
  inTransaction(db, async (client) => {
    const jobs = await queryRows(
      client,
      Expired,
      `SELECT run.id AS "runId", run.attempt, lease.seconds AS lease
       FROM run JOIN attempt ON attempt.run_id = run.id AND attempt.number = run.attempt
       CROSS JOIN LATERAL (
         SELECT coalesce(max(lease_seconds), $1::float8) AS seconds FROM worker WHERE worker.name = attempt.worker
       ) AS lease
       WHERE run.state = 'running' AND run.heartbeat_at < now() - make_interval(secs => lease.seconds)
       ORDER BY run.heartbeat_at LIMIT $2 FOR UPDATE OF run SKIP LOCKED`,
      [leaseSeconds, BATCH],
    );
    const reaped: (RunJob & { state: Ending })[] = [];
    for (const { lease, ...job } of jobs) {
      const message = `no heartbeat for ${lease} s`;
      const state = await endHeldAttempt(client, { ...job, cause: 'lost', message });
      if (state !== null) reaped.push({ ...job, state });
    }
    return reaped;
  });
