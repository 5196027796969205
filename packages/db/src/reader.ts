/** The read-only role: it sees the views in `reporting`, and nothing else. */
import pg from 'pg';

/** What the role may use: SQL that anybody may type must not stand in the way of training. */
const LIMITS: Record<string, string> = {
  search_path: 'reporting',
  default_transaction_read_only: 'on',
  statement_timeout: '30s',
  idle_in_transaction_session_timeout: '60s',
  lock_timeout: '2s',
  work_mem: '16MB',
};
const CONNECTIONS = 8;

/** Built-in functions that anybody may call and that write, block others, or wait; a role is kept from them only by keeping everybody. */
const HARMFUL = `
  SELECT p.oid::regprocedure::text AS signature FROM pg_proc p
  WHERE p.pronamespace = 'pg_catalog'::regnamespace
    AND (p.proname ~ '^(lo_|lowrite|loread)' OR p.proname ~ '^pg_(try_)?advisory' OR p.proname ~ '^pg_sleep' OR p.proname = 'pg_notify')
    AND has_function_privilege('public', p.oid, 'EXECUTE')`;

/** Errors of two processes that create or alter the role at once; the second time round there is nothing to collide with. */
const COLLISIONS = new Set(['23505', '42710', 'XX000']);

/**
 * Create the role `user` in the migrated database at `url`, or bring it up to date; idempotent.
 * `hardened` is false where the user of `url` is no superuser: then the built-in functions stay as the server has them.
 */
export async function ensureReader(
  url: string,
  { user, password }: { user: string; password: string },
): Promise<{ hardened: boolean }> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    for (let tries = 1; ; tries++)
      try {
        await client.query('BEGIN');
        const hardened = await grant(client, user, password);
        await client.query('COMMIT');
        return { hardened };
      } catch (error) {
        await client.query('ROLLBACK');
        if (tries === 5 || !(error instanceof pg.DatabaseError && COLLISIONS.has(error.code ?? ''))) throw error;
      }
  } finally {
    await client.end();
  }
}

async function grant(client: pg.Client, user: string, password: string): Promise<boolean> {
  const role = client.escapeIdentifier(user);
  const { rows } = await client.query<{ database: string; owner: string; found: boolean; superuser: boolean }>(
    `SELECT current_database() AS database, current_user AS owner, rolsuper AS superuser,
       EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS found
     FROM pg_roles WHERE rolname = current_user`,
    [user],
  );
  const { database: name = '', owner = '', found, superuser = false } = rows[0] ?? {};
  if (user === owner) throw new Error(`"${user}" owns the database: the read-only role needs a name of its own`);
  const database = client.escapeIdentifier(name);

  await client.query(
    `${found ? 'ALTER' : 'CREATE'} ROLE ${role} LOGIN NOINHERIT
       CONNECTION LIMIT ${CONNECTIONS} PASSWORD ${client.escapeLiteral(password)}`,
  );
  for (const [setting, value] of Object.entries(LIMITS))
    await client.query(`ALTER ROLE ${role} IN DATABASE ${database} SET ${setting} = ${client.escapeLiteral(value)}`);
  await client.query(`REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
  await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${role}`);
  await client.query(`GRANT USAGE ON SCHEMA reporting TO ${role}`);
  await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO ${role}`);
  await client.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA reporting GRANT SELECT ON TABLES TO ${role}`);
  if (superuser) {
    await client.query(`ALTER ROLE ${role} IN DATABASE ${database} SET temp_file_limit = '1GB'`);
    const harmful = await client.query<{ signature: string }>(HARMFUL);
    for (const { signature } of harmful.rows)
      await client.query(`REVOKE EXECUTE ON FUNCTION pg_catalog.${signature} FROM PUBLIC`);
  }
  return superuser;
}
