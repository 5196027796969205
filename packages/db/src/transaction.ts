import type pg from 'pg';
import type { Database } from './database.ts';

/** Run `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(db: Database, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await db.pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
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
