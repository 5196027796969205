/** A user's SQL, run with the read-only role. */
import { UserError } from '@ablate/contracts';
import pg from 'pg';

/** Values in PostgreSQL's text format; NULL is null. */
export type Answer = { columns: string[]; types: number[]; rows: (string | null)[][]; truncated: boolean };

/** Rows fetched at a time. The server computes only the rows that are fetched. */
const PAGE = 500;

const asText = { getTypeParser: () => (value: string) => value };

const toRow = (row: unknown): (string | null)[] =>
  Array.isArray(row) ? row.map((value: unknown) => (typeof value === 'string' ? value : null)) : [];

/**
 * Run one statement, and stop after `limit` rows. The extended protocol rejects a second statement after a semicolon.
 * @throws UserError with PostgreSQL's message and the position in the statement
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
  client.on('error', () => {}); // raised when the connection is closed below; errors of the query are reported by the query
  try {
    await client.connect();
  } catch (error) {
    throw new UserError(
      `no database responds for SQL (${message(error)}): start it with \`npm start\`, or set ABLATE_READER_URL`,
      'unreachable',
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
      running.on('error', (error) => reject(signal.aborted ? signal.reason : new UserError(explain(error, sql))));
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

/** The message, the line of the statement with a mark below the position, and PostgreSQL's hint. */
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

/** A value for JSON. Numbers that JavaScript cannot represent exactly, and all other types, stay text. */
function toJson(value: string | null, type: number): unknown {
  if (value === null) return null;
  if (type === BOOLEAN) return value === 't';
  if (type === JSON_TEXT || type === JSON_BINARY) return JSON.parse(value);
  const number = Number(value);
  const exact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return NUMBERS.has(type) && exact ? number : value;
}

/** One object per row. Of columns with the same name, the last is kept. */
export const toObjects = ({ columns, types, rows }: Answer): Record<string, unknown>[] =>
  rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, toJson(row[i] ?? null, types[i] ?? 0)])));
