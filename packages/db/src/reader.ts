/** The read-only role. It can read the views in `reporting` and nothing else. */
import pg from 'pg';
import { z } from 'zod';
import { queryRows } from './rows.ts';

/** Limits of the role, so that a user's SQL does not slow training down. */
const LIMITS: Record<string, string> = {
  search_path: 'reporting',
  default_transaction_read_only: 'on',
  statement_timeout: '30s',
  idle_in_transaction_session_timeout: '60s',
  lock_timeout: '2s',
  work_mem: '16MB',
};
const CONNECTIONS = 8;

/** Built-in functions that PUBLIC may call and that write, block others or wait. Only a revoke from PUBLIC keeps a role from them. */
const HARMFUL = `
  SELECT p.oid::regprocedure::text AS signature FROM pg_proc p
  WHERE p.pronamespace = 'pg_catalog'::regnamespace
    AND (p.proname ~ '^(lo_|lowrite|loread)' OR p.proname ~ '^pg_(try_)?advisory' OR p.proname ~ '^pg_sleep' OR p.proname = 'pg_notify')
    AND has_function_privilege('public', p.oid, 'EXECUTE')`;

/** Errors of two processes that create or alter the role at the same time. A retry succeeds. */
const COLLISIONS = new Set(['23505', '42710', 'XX000']);

/**
 * Creates or updates the role `user` in the migrated database at `url`; idempotent. `hardened` is false if the user of `url`
 * is not a superuser: then the role can still call the built-in functions that PUBLIC may call.
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

const Names = z.object({ database: z.string(), owner: z.string(), found: z.boolean(), superuser: z.boolean() });

async function grant(client: pg.Client, user: string, password: string): Promise<boolean> {
  const role = client.escapeIdentifier(user);
  const [names] = await queryRows(
    client,
    Names,
    `SELECT current_database() AS database, current_user AS owner, rolsuper AS superuser,
       EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS found
     FROM pg_roles WHERE rolname = current_user`,
    [user],
  );
  if (names === undefined) throw new Error('the current user has no row in pg_roles');
  const { database: name, owner, found, superuser } = names;
  if (user === owner) throw new Error(`"${user}" owns the database: choose another name for the read-only role`);
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
    for (const { signature } of await queryRows(client, z.object({ signature: z.string() }), HARMFUL))
      await client.query(`REVOKE EXECUTE ON FUNCTION pg_catalog.${signature} FROM PUBLIC`);
  }
  return superuser;
}
