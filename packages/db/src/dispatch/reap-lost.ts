import { RunJob } from '@ablate/contracts';
import { endHeldAttempt } from '../attempts/end-attempt.ts';
import type { Ending } from '../attempts/ending.ts';
import type { Database } from '../database.ts';
import { queryRows } from '../rows.ts';
import { inTransaction } from '../transaction.ts';

const BATCH = 100;

/**
 * Ends the attempts of running runs whose heartbeat is older than the lease, by the database's clock, as lost. Their runs are
 * requeued, failed or cancelled. At most 100 per call.
 */
export const reapLost = (
  db: Database,
  { leaseSeconds }: { leaseSeconds: number },
): Promise<(RunJob & { state: Ending })[]> =>
  inTransaction(db, async (client) => {
    const jobs = await queryRows(
      client,
      RunJob,
      `SELECT id AS "runId", attempt FROM run
       WHERE state = 'running' AND heartbeat_at < now() - make_interval(secs => $1)
       ORDER BY heartbeat_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [leaseSeconds, BATCH],
    );
    const reaped: (RunJob & { state: Ending })[] = [];
    for (const job of jobs) {
      const message = `no heartbeat for ${leaseSeconds} s`;
      const state = await endHeldAttempt(client, { ...job, cause: 'lost', message });
      if (state !== null) reaped.push({ ...job, state });
    }
    return reaped;
  });
