import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { migrate } from '@ablate/db';
import { REPOSITORY } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { startPostgres } from '@ablate/supervisor';
import pg from 'pg';

const MIGRATIONS = join(REPOSITORY, 'prisma', 'migrations');
const TEMPLATE_LOCK = 4_026_531;

/** Registers the clean-up: a test's context, or node:test itself for a whole file. */
type Owner = { after: (done: () => Promise<void>) => void };

let own: Promise<{ url: string; stop: () => Promise<void> }> | undefined;

/** The server of `npm test`, else one for this test file. */
async function serverUrl(): Promise<string> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return given;
  own ??= (async () => {
    const home = temporaryFolder();
    const postgres = await startPostgres({ home: home.path, durable: false });
    const stop = async (): Promise<void> => {
      await postgres.stop();
      home.remove();
    };
    return { url: postgres.url, stop };
  })();
  return (await own).url;
}

// Registered here: in serverUrl it would belong to the first test.
after(async () => (await own)?.stop());

const withDatabase = (url: string, database: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
};

async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The name changes with every migration, so that a running server never uses a stale template. */
function templateName(): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(MIGRATIONS, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(MIGRATIONS, entry);
    if (statSync(path).isFile()) hash.update(entry).update(readFileSync(path));
  }
  return `template_${hash.digest('hex').slice(0, 16)}`;
}

/** Create the migrated template once for each server; test files run concurrently. */
async function makeTemplate(client: pg.Client, url: string): Promise<string> {
  const name = templateName();
  await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const { rows } = await client.query('SELECT datistemplate FROM pg_database WHERE datname = $1', [name]);
    if (rows[0]?.datistemplate) return name;
    await client.query(`DROP DATABASE IF EXISTS ${name}`); // an interrupted test may have left it incomplete
    await client.query(`CREATE DATABASE ${name}`);
    await migrate(withDatabase(url, name));
    await client.query(`ALTER DATABASE ${name} IS_TEMPLATE true`);
    return name;
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

/** A new database with all migrations applied (none with `migrated: false`), dropped after the test. Its role is a superuser. */
export async function testDatabase(owner: Owner, { migrated = true } = {}): Promise<{ url: string }> {
  const url = await serverUrl();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(url, async (client) => {
    const template = migrated ? ` TEMPLATE ${await makeTemplate(client, url)}` : '';
    await client.query(`CREATE DATABASE ${name}${template}`);
  });
  // The databases of this file's own server are removed with the server.
  if (own === undefined)
    owner.after(() => onServer(url, async (client) => void (await client.query(`DROP DATABASE ${name} WITH (FORCE)`))));
  return { url: withDatabase(url, name) };
}
