import type { RunJob } from '@ablate/contracts';
import type { Database } from '../database.ts';
import { inTransaction } from '../transaction.ts';

/**
 * Returns a dispatched run, which this worker cannot train, to the dispatcher: it is dispatched again after `seconds`, to any
 * worker. `message` says why, and stands in the run until its next attempt starts. No attempt is counted. Does nothing if the
 * run has been claimed, cancelled or recalled.
 */
export const decline = (
  db: Database,
  { runId, attempt, message, seconds }: RunJob & { message: string; seconds: number },
): Promise<void> =>
  inTransaction(db, async (client) => {
    const { rowCount } = await client.query(
      `SELECT FROM run WHERE id = $1 AND state = 'queued' AND attempt = $2 - 1 FOR UPDATE`,
      [runId, attempt],
    );
    if (rowCount === 0) return;
    const declined = await client.query(
      `UPDATE outbox SET dispatched_at = NULL, not_before = now() + make_interval(secs => $3)
       WHERE run_id = $1 AND attempt = $2 AND dispatched_at IS NOT NULL`,
      [runId, attempt, seconds],
    );
    if (declined.rowCount === 1)
      await client.query('UPDATE run SET message = $2 WHERE id = $1 AND message IS DISTINCT FROM $2', [runId, message]);
  });
