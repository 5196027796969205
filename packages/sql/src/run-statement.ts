/** Runs a user's statement with the read-only role: in a session of its own, a read-only transaction, and within limits. */
import { Socket } from 'node:net';
import { readerFaults } from '@ablate/db';
import pg from 'pg';
import { LIMITS, type Limits } from './limits.ts';
import { explain, indexOfPoint, SqlError } from './refusal.ts';
import { checkStatement, type Statement } from './statement.ts';

/** Values in PostgreSQL's text format; NULL is null. */
export type Answer = {
  columns: { name: string; type: number }[];
  rows: (string | null)[][];
  /** The limit that cut the rows off; null if they are all there. */
  truncated: 'rows' | 'bytes' | null;
  seconds: number;
};

/** A value of a parameter. PostgreSQL infers its type from the statement. */
export type ParameterValue = string | number | boolean | null;

/** Rows fetched at a time. The server computes only the rows that are fetched. */
const PAGE = 500;
/** The server checks this often whether the client is still there. */
const CHECK_MS = 500;
/** How long after the server's own timeout this process ends the session. */
const GRACE_MS = 1_000;

const asText = { getTypeParser: () => (value: string) => value };

const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
};

const toRow = (row: unknown): (string | null)[] =>
  Array.isArray(row) ? row.map((value: unknown) => (typeof value === 'string' ? value : null)) : [];

function valuesOf({ names }: Statement, given: Readonly<Record<string, ParameterValue>>): (string | null)[] {
  const missing = names.find((name) => !Object.hasOwn(given, name));
  if (missing !== undefined) throw new SqlError('invalid', `parameter :${missing} has no value`);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new SqlError('invalid', `unknown parameter "${unknown}": the statement has no :${unknown}`);
  return names.map((name) => {
    const value = given[name] ?? null;
    return value === null ? null : String(value);
  });
}

/** A session with the role of `url`, or an error that says what to do. */
async function openSession(url: string, stream: Socket): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'ablate sql',
    stream: () => stream,
  });
  client.on('error', () => {}); // raised when the connection is closed below; errors of the statement are reported by it
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    if (error instanceof pg.DatabaseError && error.code === '53300')
      throw new SqlError('busy', 'too many statements run at once: try again in a few seconds');
    throw new SqlError(
      'unavailable',
      `no database responds for SQL (${messageOf(error)}): start it with \`npm start\`, or set ABLATE_READER_URL`,
    );
  }
  return client;
}

async function prepareSession(client: pg.Client, { seconds }: Limits): Promise<void> {
  const faults = await readerFaults(client);
  if (faults.length > 0)
    throw new SqlError(
      'unavailable',
      `the role "${client.user}" may do more than read the views (${faults.join('; ')}): a superuser must run the statements under "The read-only role" in docs/sql.md once`,
    );
  // Not on every platform of the server; then a statement whose client is gone ends with its timeout.
  await client.query(`SET client_connection_check_interval = ${CHECK_MS}`).catch(() => undefined);
  await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${Math.ceil(seconds * 1000)}`);
}

/** Reads pages of rows until the end or a limit. */
function readRows(
  client: pg.Client,
  { text }: Statement,
  values: (string | null)[],
  limits: Limits,
): Promise<Omit<Answer, 'seconds'>> {
  return new Promise((resolve, reject) => {
    const rows: (string | null)[][] = [];
    let bytes = 0;
    const columnsOf = (fields: readonly pg.FieldDef[] = []) =>
      fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }));
    // `rows` is pg's word for the page size of a portal; it also makes pg use the extended protocol: one statement.
    const config = { text, values, rows: Math.min(PAGE, limits.rows + 1), rowMode: 'array' as const, types: asText };
    const running = new pg.Query<unknown[]>(config);
    let truncated: Answer['truncated'] = null;
    running.on('row', (row, result) => {
      if (truncated !== null) return;
      const values = toRow(row);
      bytes += values.reduce((sum, value) => sum + (value?.length ?? 0) + 4, 0);
      if (rows.length === limits.rows) truncated = 'rows';
      else if (bytes > limits.bytes) truncated = 'bytes';
      else rows.push(values);
      if (truncated !== null) resolve({ columns: columnsOf(result?.fields), rows, truncated });
    });
    running.on('end', (result) => resolve({ columns: columnsOf(result.fields), rows, truncated }));
    running.on('error', reject);
    client.query(running);
  });
}

/** The message of PostgreSQL, with the position in the statement as it was written. */
function explained(error: unknown, sql: string, { text, toWritten }: Statement, { seconds }: Limits): Error {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error ? error : new Error(String(error));
  if (error.code === '57014')
    return new SqlError(
      'timeout',
      `the statement took longer than ${seconds} s and was cancelled: select fewer rows, or filter by sweep_id`,
    );
  const at = error.position === undefined ? null : toWritten(indexOfPoint(text, Number(error.position) - 1));
  return new SqlError('invalid', explain(error.message, sql, at, error.hint));
}

/**
 * Checks and runs one statement, and stops at the limits. The server stops working on it within a second after `signal` is
 * aborted.
 * @throws SqlError for a statement that is not allowed, fails or takes too long; the reason of `signal`
 */
export async function runStatement(
  url: string,
  sql: string,
  {
    parameters = {},
    limits = LIMITS,
    signal,
  }: { parameters?: Readonly<Record<string, ParameterValue>>; limits?: Limits; signal: AbortSignal },
): Promise<Answer> {
  const begun = performance.now();
  const statement = await checkStatement(sql);
  const values = valuesOf(statement, parameters);
  signal.throwIfAborted();

  const stream = new Socket();
  const client = await openSession(url, stream);
  const ending = new AbortController();
  const end = (reason: unknown): void => {
    ending.abort(reason);
    stream.destroy(); // the server notices, and cancels the statement
  };
  const onAbort = (): void => end(signal.reason);
  signal.addEventListener('abort', onAbort);
  const clock = setTimeout(
    () => end(new SqlError('timeout', `the statement took longer than ${limits.seconds} s and was cancelled`)),
    limits.seconds * 1000 + GRACE_MS,
  );
  // One row may be larger than all memory: what arrives is counted before pg assembles it.
  const most = stream.bytesRead + 2 * limits.bytes + 1_000_000;
  stream.on('data', () => {
    if (stream.bytesRead > most)
      end(new SqlError('invalid', `a row has more than ${limits.bytes / 1e6} MB: select fewer or shorter columns`));
  });
  try {
    signal.throwIfAborted();
    await prepareSession(client, limits);
    const answer = await readRows(client, statement, values, limits);
    return { ...answer, seconds: (performance.now() - begun) / 1000 };
  } catch (error) {
    if (ending.signal.aborted) throw ending.signal.reason;
    throw error instanceof SqlError ? error : explained(error, sql, statement, limits);
  } finally {
    clearTimeout(clock);
    signal.removeEventListener('abort', onAbort);
    if (ending.signal.aborted) stream.destroy();
    await client.end().catch(() => undefined);
  }
}
