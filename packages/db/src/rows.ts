import type pg from 'pg';
import { z } from 'zod';

/** The pool, or a connection that holds a transaction open. */
export type Queryable = pg.Pool | pg.ClientBase;

/**
 * The rows of a hand-written statement, parsed with the schema that stands beside it. Columns that the schema does not name
 * are dropped. Throws if a row does not match: then the statement and its schema differ.
 */
export async function queryRows<Row extends z.ZodType>(
  db: Queryable,
  row: Row,
  statement: string | pg.QueryConfig,
  values?: unknown[],
): Promise<z.infer<Row>[]> {
  const query = typeof statement === 'string' ? { text: statement, values } : statement;
  const { rows } = await db.query<object>(query);
  return rows.map((found) => {
    const parsed = row.safeParse(found);
    if (parsed.success) return parsed.data;
    throw new Error(`unexpected row from the database: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
  });
}

/** `bigint`, which pg returns as text. */
export const BigInteger = z.string().transform(Number);
