import type pg from 'pg';
import type { Database } from './database.ts';

/**
 * Runs `work` in one transaction: committed when it returns, rolled back when it throws. The server ends the session after
 * `frozenSeconds` between two statements, so that a frozen process does not keep its locks.
 */
export async function inTransaction<T>(
  db: Database,
  work: (client: pg.PoolClient) => Promise<T>,
  { frozenSeconds = 10 } = {},
): Promise<T> {
  const client = await db.pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${Math.ceil(frozenSeconds * 1000)}`);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollback: Error) => {
      // The connection is closed, and the server rolls back.
      broken = rollback;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
