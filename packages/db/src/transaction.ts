import type pg from 'pg';
import type { Database } from './database.ts';

/**
 * Run `work` in one transaction: committed when it returns, rolled back when it throws. A process that is frozen in the midst
 * of it must not keep others from what it has locked: the server ends its session after `frozenSeconds` between two statements.
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
      // A connection that cannot roll back is thrown away, and the server rolls back by itself.
      broken = rollback;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
