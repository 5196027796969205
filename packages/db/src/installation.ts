import { z } from 'zod';
import type { Database } from './database.ts';
import { queryRows } from './rows.ts';

const Row = z.object({ id: z.string() });

/**
 * The id of this database, made at the first call. Queues of several installations share a Redis under different ids. A copy of
 * a database, restored beside the original, gets an id of its own.
 */
export async function installationId({ pool }: Database): Promise<string> {
  const find = `SELECT id FROM installation WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  const [known] = await queryRows(pool, Row, find);
  if (known !== undefined) return known.id;
  await pool.query(
    `INSERT INTO installation (database) SELECT oid FROM pg_database WHERE datname = current_database() ON CONFLICT DO NOTHING`,
  );
  const [made] = await queryRows(pool, Row, find);
  if (made === undefined) throw new Error('the row of this database in `installation` is missing');
  return made.id;
}
