import { endHeldAttempt } from '../attempts/end-attempt.ts';
import type { Ending } from '../attempts/ending.ts';
import type { Database } from '../database.ts';
import { inTransaction } from '../transaction.ts';

const BATCH = 100;

/**
 * Take back running runs whose heartbeat is older than the lease by the database's clock: their attempts are lost, and
 * the runs are queued again, failed or cancelled. At most a hundred at once.
 */
export const reapLost = (
  db: Database,
  { leaseSeconds }: { leaseSeconds: number },
): Promise<{ runId: string; attempt: number; state: Ending }[]> =>
  inTransaction(db, async (client) => {
    const { rows } = await client.query<{ runId: string; attempt: number }>(
      `SELECT id AS "runId", attempt FROM run
       WHERE state = 'running' AND heartbeat_at < now() - make_interval(secs => $1)
       ORDER BY heartbeat_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [leaseSeconds, BATCH],
    );
    const reaped: { runId: string; attempt: number; state: Ending }[] = [];
    for (const job of rows) {
      const message = `no heartbeat for ${leaseSeconds} s`;
      const state = await endHeldAttempt(client, { ...job, cause: 'lost', message });
      if (state !== null) reaped.push({ ...job, state });
    }
    return reaped;
  });
