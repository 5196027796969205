import type { Database } from '../database.ts';
import { HELD } from '../searches/held.ts';
import { inTransaction } from '../transaction.ts';
import { lockDispatch } from './dispatch-lock.ts';

/**
 * Restores the rule of the outbox: exactly one row, for the next attempt, for each queued run, and no other rows. Verbs keep
 * it; this repairs what an earlier version, or a restored backup, left. Returns how many rows were wrong.
 */
export const repairOutbox = (db: Database): Promise<number> =>
  inTransaction(db, async (client) => {
    await lockDispatch(client);
    const stray = await client.query(
      `DELETE FROM outbox USING run
       WHERE run.id = outbox.run_id AND (run.state <> 'queued' OR outbox.attempt <> run.attempt + 1)`,
    );
    const missing = await client.query(
      `INSERT INTO outbox (run_id, attempt, sweep_id, position, held)
       SELECT id, attempt + 1, sweep_id, position, ${HELD} FROM run
       WHERE state = 'queued' AND NOT EXISTS (SELECT FROM outbox WHERE run_id = run.id)
       ON CONFLICT DO NOTHING`,
    );
    return (stray.rowCount ?? 0) + (missing.rowCount ?? 0);
  });
