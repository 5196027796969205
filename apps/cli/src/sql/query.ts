/** SQL of whoever types it, through the read-only role. */
import pg from 'pg';
import { EXIT, Failure } from '../failure.ts';

/** Values as PostgreSQL writes them; null is null. */
export type Answer = { columns: string[]; types: number[]; rows: (string | null)[][]; truncated: boolean };

/** Rows fetched at a time; the server computes no more than it is asked for. */
const PAGE = 500;

const asText = { getTypeParser: () => (value: string) => value };

const toRow = (row: unknown): (string | null)[] =>
  Array.isArray(row) ? row.map((value: unknown) => (typeof value === 'string' ? value : null)) : [];

/**
 * Run one statement over the extended protocol, which takes no second one after a semicolon, and stop after `limit` rows.
 * @throws Failure with PostgreSQL's message, and the place in the statement where it gives one
 */
export async function query(
  url: string,
  sql: string,
  { limit, signal }: { limit: number; signal: AbortSignal },
): Promise<Answer> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'ablate sql',
  });
  client.on('error', () => {}); // of a connection that is cut off below; a query's own error comes with the query
  try {
    await client.connect();
  } catch (error) {
    throw new Failure(
      `no database answers for SQL (${message(error)}): start it with \`npm start\`, or set ABLATE_READER_URL`,
      EXIT.unreachable,
    );
  }
  const stop = () => void client.end();
  signal.addEventListener('abort', stop);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const answer: Answer = { columns: [], types: [], rows: [], truncated: false };
      // `rows` is pg's word for the page size of a portal; it also makes pg use the extended protocol.
      const config = { text: sql, rows: Math.min(PAGE, limit + 1), rowMode: 'array' as const, types: asText };
      const running = new pg.Query<unknown[]>(config);
      running.on('row', (row, result) => {
        if (answer.rows.length < limit) answer.rows.push(toRow(row));
        else if (!answer.truncated) {
          answer.truncated = true;
          resolve(withFields(answer, result?.fields ?? []));
        }
      });
      running.on('end', (result) => resolve(withFields(answer, result.fields)));
      running.on('error', (error) => reject(signal.aborted ? signal.reason : new Failure(explain(error, sql))));
      client.query(running);
    });
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end();
  }
}

const withFields = (answer: Answer, fields: readonly pg.FieldDef[]): Answer => ({
  ...answer,
  columns: fields.map(({ name }) => name),
  types: fields.map(({ dataTypeID }) => dataTypeID),
});

const message = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return message(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
};

/** The message, what PostgreSQL adds, and the line with a mark below the place. */
function explain(error: Error, sql: string): string {
  if (!(error instanceof pg.DatabaseError)) return `SQL: ${error.message}`;
  const lines = [`SQL: ${error.message}`];
  const at = Number(error.position) - 1;
  if (at >= 0) {
    const start = sql.lastIndexOf('\n', at - 1) + 1;
    const [line = ''] = sql.slice(start).split('\n');
    lines.push(`  ${line}`, `  ${' '.repeat(at - start)}^`);
  }
  if (error.hint) lines.push(`hint: ${error.hint}`);
  return lines.join('\n');
}

const NUMBERS = new Set([20, 21, 23, 26, 700, 701, 1700]);
const [BOOLEAN, JSON_TEXT, JSON_BINARY] = [16, 114, 3802];

/** A value for JSON: numbers, booleans and JSON as themselves where nothing is lost, all else as text. */
function toJson(value: string | null, type: number): unknown {
  if (value === null) return null;
  if (type === BOOLEAN) return value === 't';
  if (type === JSON_TEXT || type === JSON_BINARY) return JSON.parse(value);
  const number = Number(value);
  const exact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return NUMBERS.has(type) && exact ? number : value;
}

/** One object a row; of columns with one name the last one counts. */
export const toObjects = ({ columns, types, rows }: Answer): Record<string, unknown>[] =>
  rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, toJson(row[i] ?? null, types[i] ?? 0)])));
