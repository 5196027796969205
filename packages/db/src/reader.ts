/** The read-only role. It can read the views in `reporting` and nothing else. */
import pg from 'pg';
import { z } from 'zod';
import { type Queryable, queryRows } from './rows.ts';

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

/** Built-in functions that PUBLIC may call and that do harm, as regular expressions of their names. Only a revoke from PUBLIC keeps a role from them. */
export const HARMFUL_FUNCTIONS: readonly { pattern: string; does: string }[] = [
  { pattern: '^(lo_|lowrite|loread)', does: 'writes large objects' },
  { pattern: '^pg_(try_)?advisory', does: 'takes locks that block others' },
  { pattern: '^pg_sleep', does: 'waits' },
  { pattern: '^pg_notify$', does: 'sends messages' },
  { pattern: '^set_config$', does: 'changes settings' },
  { pattern: '^pg_logical_emit_message$', does: 'writes to the log of the server' },
  { pattern: '^pg_(cancel|terminate)_backend$', does: 'ends sessions' },
  { pattern: '^pg_export_snapshot$', does: 'writes to the disk of the server' },
  { pattern: '^(query|cursor|table|schema|database)_to_xml', does: 'runs other statements' },
];

/** The built-in functions that do harm and that `$1` may call: a role, or "public". */
const CALLABLE = `
  SELECT p.oid::regprocedure::text AS signature FROM pg_proc p
  WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '${HARMFUL_FUNCTIONS.map(({ pattern }) => pattern).join('|')}'
    AND has_function_privilege($1, p.oid, 'EXECUTE')
  ORDER BY signature`;

const Signature = z.object({ signature: z.string() });

/** The comment on a read-only role. */
const MARK = 'Ablate: reads the views in reporting';

/**
 * Keeps the role from the other databases of this owner, which PUBLIC may enter: only if no other user could need that, since a revoke
 * from PUBLIC concerns everyone. A database that is dropped, or changed by another process that does the same, is left out.
 */
const LEAVE_OTHER_DATABASES = `
  DO $$
  DECLARE
    other TEXT;
  BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolcanlogin AND NOT rolsuper AND shobj_description(oid, 'pg_authid') IS DISTINCT FROM '${MARK}') THEN
      RETURN;
    END IF;
    FOR other IN
      SELECT datname FROM pg_database
      WHERE datname <> current_database() AND datallowconn AND datdba = current_user::regrole
        AND (has_database_privilege('public', oid, 'CONNECT') OR has_database_privilege('public', oid, 'TEMPORARY'))
    LOOP
      BEGIN
        EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', other);
      EXCEPTION WHEN invalid_catalog_name OR internal_error THEN NULL;
      END;
    END LOOP;
  END $$`;

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
  await client.query(`COMMENT ON ROLE ${role} IS '${MARK}'`);
  // A role may change its own defaults: what it changed since the last start goes. Limits of the role hold in every database.
  for (const scope of [role, `${role} IN DATABASE ${database}`]) {
    await client.query(`ALTER ROLE ${scope} RESET ALL`);
    for (const [setting, value] of Object.entries(LIMITS))
      await client.query(`ALTER ROLE ${scope} SET ${setting} = ${client.escapeLiteral(value)}`);
    if (superuser) await client.query(`ALTER ROLE ${scope} SET temp_file_limit = '1GB'`);
  }
  await client.query(`REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
  await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${role}`);
  await client.query(`GRANT USAGE ON SCHEMA reporting TO ${role}`);
  await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO ${role}`);
  await client.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA reporting GRANT SELECT ON TABLES TO ${role}`);
  if (superuser) {
    await client.query(LEAVE_OTHER_DATABASES);
    for (const { signature } of await queryRows(client, Signature, CALLABLE, ['public']))
      await client.query(`REVOKE EXECUTE ON FUNCTION pg_catalog.${signature} FROM PUBLIC`);
  }
  return superuser;
}

const Faults = z.object({
  attributes: z.boolean(),
  member: z.boolean(),
  creates: z.boolean(),
  reads: z.string().nullable(),
});

/**
 * What the role of this connection may do beyond reading the views, in words; empty for a role that `ensureReader` hardened. A user's SQL
 * must not run with any other role.
 */
export async function readerFaults(client: Queryable): Promise<string[]> {
  const [found] = await queryRows(
    client,
    Faults,
    `SELECT
       rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS attributes,
       EXISTS (SELECT FROM pg_auth_members WHERE member = role.oid) AS member,
       has_database_privilege(current_database(), 'CREATE') OR has_database_privilege(current_database(), 'TEMPORARY') OR EXISTS (
         SELECT FROM pg_namespace WHERE nspname !~ '^pg_' AND has_schema_privilege(oid, 'CREATE')) AS creates,
       (SELECT min(oid::regclass::text) FROM pg_class
         WHERE relkind IN ('r', 'v', 'm', 'f', 'p') AND relnamespace::regnamespace::text NOT IN ('reporting', 'pg_catalog', 'information_schema')
           AND has_table_privilege(oid, 'SELECT')) AS reads
     FROM pg_roles role WHERE rolname = current_user`,
  );
  const callable = await queryRows(client, Signature, CALLABLE.replaceAll('$1', 'current_user'));
  if (found === undefined) return ['it has no row in pg_roles'];
  return [
    ...(found.attributes ? ['it is a superuser, or may create roles or databases'] : []),
    ...(found.member ? ['it is a member of another role'] : []),
    ...(found.creates ? ['it may create objects'] : []),
    ...(found.reads === null ? [] : [`it reads ${found.reads}`]),
    ...(callable[0] === undefined
      ? []
      : [`it calls ${callable[0].signature} and ${callable.length - 1} other functions`]),
  ];
}

/** What a superuser runs once where the owner of the database is not one, as SQL. */
export const HARDENING = `DO $$
DECLARE
  signature TEXT;
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  FOR signature IN
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ ANY (ARRAY[
${HARMFUL_FUNCTIONS.map(({ pattern }) => `      '${pattern}'`).join(',\n')}
    ])
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION pg_catalog.%s FROM PUBLIC', signature);
  END LOOP;
END $$;`;
