import type { NewQuery, QueryView } from '@ablate/contracts';
import { queryRows } from '@ablate/db';
import { builtInQueries, checkStatement, type Query } from '@ablate/sql';
import { z } from 'zod';
import type { Context } from './context.ts';
import { refusal } from './refusal.ts';

/** Most queries that users may save: the list is not paged. */
const MAX_QUERIES = 1_000;

const Row = z.object({ name: z.string(), title: z.string(), description: z.string(), sql: z.string() });

const view = async (row: z.infer<typeof Row>): Promise<QueryView> => ({
  ...row,
  parameters: (await checkStatement(row.sql)).names,
  builtIn: false,
});

const builtIn = (query: Query): QueryView => ({ ...query, builtIn: true });

const COLUMNS = 'name, title, description, sql';

/** The queries of `studies/queries`, then those that users saved, each by name. */
export async function listQueries({ db }: Context): Promise<QueryView[]> {
  const rows = await queryRows(db.pool, Row, `SELECT ${COLUMNS} FROM saved_query ORDER BY name`);
  return [...(await builtInQueries()).map(builtIn), ...(await Promise.all(rows.map(view)))];
}

/** A query by name. Refuses (`not_found`) an unknown name. */
export async function findQuery({ db }: Context, name: string): Promise<QueryView> {
  const known = (await builtInQueries()).find((query) => query.name === name);
  if (known) return builtIn(known);
  const [row] = await queryRows(db.pool, Row, `SELECT ${COLUMNS} FROM saved_query WHERE name = $1`, [name]);
  if (row === undefined) throw refusal.unknown('query', name);
  return view(row);
}

/**
 * Saves a query, or replaces the one that a user saved under this name. Throws SqlError for a statement that is not allowed; refuses
 * (`conflict`) the name of a built-in query, and more than 1,000 queries.
 */
export async function saveQuery({ db }: Context, query: NewQuery): Promise<QueryView> {
  await checkStatement(query.sql);
  if ((await builtInQueries()).some(({ name }) => name === query.name)) throw refusal.builtInQuery(query.name);
  const [row] = await queryRows(
    db.pool,
    Row,
    `INSERT INTO saved_query (${COLUMNS}) SELECT $1, $2, $3, $4
     WHERE (SELECT count(*) FROM saved_query) < $5 OR EXISTS (SELECT FROM saved_query WHERE name = $1)
     ON CONFLICT (name) DO UPDATE SET title = excluded.title, description = excluded.description, sql = excluded.sql
     RETURNING ${COLUMNS}`,
    [query.name, query.title, query.description, query.sql, MAX_QUERIES],
  );
  if (row === undefined) throw refusal.tooManyQueries(MAX_QUERIES);
  return view(row);
}

/** Deletes a query that a user saved. Refuses (`not_found`) an unknown name and (`conflict`) a built-in query. */
export async function deleteQuery({ db }: Context, name: string): Promise<void> {
  if ((await builtInQueries()).some((query) => query.name === name)) throw refusal.builtInQuery(name);
  const { rowCount } = await db.pool.query('DELETE FROM saved_query WHERE name = $1', [name]);
  if (rowCount === 0) throw refusal.unknown('query', name);
}
