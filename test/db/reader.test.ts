import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import { ensureReader, migrate, openDatabase } from '@ablate/db';
import { temporaryFolder } from '@ablate/harness/temporary';
import { startPostgres } from '@ablate/supervisor';
import { testDatabase } from '../support/postgres.ts';
import { newSweep } from './small-sweep.ts';

/** Statements that a role may run by default. Each is also tried with the read-only default switched off. */
const HARMFUL = [
  'CREATE TABLE reporting.mine (i int)',
  'CREATE TABLE public.mine (i int)',
  'CREATE TEMP TABLE mine (i int)',
  'CREATE SCHEMA mine',
  'UPDATE reporting.runs SET seed = 1',
  'DELETE FROM reporting.curves',
  'DROP VIEW reporting.runs',
  'SELECT lo_create(0)',
  "SELECT lo_from_bytea(0, 'x')",
  "SELECT pg_notify('channel', 'x')",
  'SELECT pg_advisory_lock(1)',
  'SELECT pg_try_advisory_xact_lock(1)',
  'SELECT pg_sleep(1)',
  "SELECT pg_read_file('/etc/passwd')",
  "COPY (SELECT 1) TO PROGRAM 'true'",
  "SET temp_file_limit = '10GB'",
];
test('the read-only role', async (t) => {
  const dropDatabase: (() => Promise<void>)[] = [];
  const { url } = await testDatabase({ after: (done) => dropDatabase.push(done) });
  const owner = openDatabase({ url });
  const user = `reader_${randomBytes(6).toString('hex')}`;
  const password = 'it’s "quoted"';
  await Promise.all([1, 2, 3].map(() => ensureReader(url, { user, password })));
  await ensureReader(url, { user, password });
  await newSweep(owner, { configs: 2 });

  const readerUrl = new URL(url);
  readerUrl.username = user;
  readerUrl.password = encodeURIComponent(password);
  const reader = openDatabase({ url: readerUrl.href });
  t.after(async () => {
    await reader.close();
    // The role can be dropped only while the database with its grants exists.
    await owner.pool.query(`DROP OWNED BY ${user}`);
    await owner.pool.query(`DROP ROLE ${user}`);
    await owner.close();
    for (const drop of dropDatabase) await drop();
  });

  await t.test('the views can be read without a schema name', async () => {
    for (const [view, rows] of [
      ['runs', 2],
      ['ablation', 2],
      ['curves', 0],
      ['events', 1],
    ] as const)
      assert.equal((await reader.pool.query(`SELECT * FROM ${view}`)).rowCount, rows, view);
  });

  for (const table of [
    'sweep',
    'config',
    'run',
    'attempt',
    'metric',
    'checkpoint',
    'outbox',
    'event',
    '_prisma_migrations',
  ])
    await t.test(`the table ${table} can be neither read nor written`, async () => {
      await assert.rejects(reader.pool.query(`SELECT * FROM public.${table}`), /permission denied/);
      await assert.rejects(reader.pool.query(`DELETE FROM public.${table}`), /read-only|permission denied/);
    });

  for (const sql of HARMFUL)
    await t.test(`is refused: ${sql}`, async () => {
      const client = await reader.pool.connect();
      try {
        await assert.rejects(
          client.query(sql),
          /permission denied|read-only|must be (owner|superuser)|cannot (update|delete)/,
        );
        await client.query('SET default_transaction_read_only = off');
        await assert.rejects(
          client.query(sql),
          /permission denied|must be (owner|superuser)|cannot update|cannot delete/,
        );
      } finally {
        client.release(true);
      }
    });

  await t.test('the role has a statement timeout and a connection limit', async () => {
    const settings = await reader.pool.query(
      `SELECT current_setting('statement_timeout') AS timeout, current_setting('temp_file_limit') AS files,
       (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS connections`,
    );
    assert.deepEqual(settings.rows, [{ timeout: '30s', files: '1GB', connections: 8 }]);
  });

  await t.test('the owner of the database is refused as a reader', async () => {
    const { username } = new URL(url);
    await assert.rejects(
      ensureReader(url, { user: username, password: 'x' }),
      /choose another name for the read-only role/,
    );
  });
});

test('an owner without superuser rights can migrate and create a reader, which is reported as not hardened', async (t) => {
  const dropDatabase: (() => Promise<void>)[] = [];
  const { url } = await testDatabase({ after: (done) => dropDatabase.push(done) }, { migrated: false });
  const admin = openDatabase({ url });
  const name = randomBytes(6).toString('hex');
  const [plain, user] = [`owner_${name}`, `reader_${name}`];
  await admin.pool.query(`CREATE ROLE ${plain} LOGIN CREATEROLE PASSWORD 'plain'`);
  await admin.pool.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO ${plain}`);
  t.after(async () => {
    for (const role of [user, plain]) {
      await admin.pool.query(`DROP OWNED BY ${role} CASCADE`);
      // The plain role owns the database until the role is dropped.
      if (role === user) await admin.pool.query(`DROP ROLE ${role}`);
    }
    await admin.pool.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO CURRENT_USER`);
    await admin.pool.query(`DROP ROLE ${plain}`);
    await admin.close();
    for (const drop of dropDatabase) await drop();
  });

  const plainUrl = new URL(url);
  plainUrl.username = plain;
  plainUrl.password = 'plain';
  await migrate(plainUrl.href);
  assert.deepEqual(await ensureReader(plainUrl.href, { user, password: 'x' }), { hardened: false });
  assert.deepEqual(await ensureReader(plainUrl.href, { user, password: 'x' }), { hardened: false });

  plainUrl.username = user;
  plainUrl.password = 'x';
  const reader = openDatabase({ url: plainUrl.href });
  t.after(() => reader.close());
  assert.deepEqual((await reader.pool.query('SELECT * FROM runs')).rows, []);
  await assert.rejects(reader.pool.query('SELECT * FROM public.run'), /permission denied/);
});

test('on a server of Ablate alone, the role enters no other database, and what it changed of itself is put back', async (t) => {
  const home = temporaryFolder();
  const server = await startPostgres({ home: home.path, durable: false });
  t.after(async () => {
    await server.stop();
    home.remove();
  });
  const at = (database: string, user?: string) => {
    const address = new URL(server.url);
    address.pathname = `/${database}`;
    return Object.assign(address, user === undefined ? {} : { username: user, password: 'x' }).href;
  };
  await migrate(server.url);
  const owner = openDatabase({ url: server.url });
  t.after(() => owner.close());
  await owner.pool.query('CREATE DATABASE other');
  await ensureReader(server.url, { user: 'reader', password: 'x' });
  const mine = new URL(server.url).pathname.slice(1);
  for (const database of ['other', 'postgres', 'template1']) {
    const stranger = openDatabase({ url: at(database, 'reader') });
    await assert.rejects(stranger.pool.query('SELECT 1'), /permission denied for database/, database);
    await stranger.close();
  }

  const settings = async () => {
    const reader = openDatabase({ url: at(mine, 'reader') });
    const { rows } = await reader.pool.query(
      `SELECT current_setting('statement_timeout') AS timeout, current_setting('work_mem') AS memory`,
    );
    await reader.close();
    return rows[0];
  };
  const reader = openDatabase({ url: at(mine, 'reader'), max: 1 });
  await assert.rejects(reader.pool.query(`ALTER ROLE reader SET statement_timeout = 0`), /read-only/);
  await reader.pool.query('SET default_transaction_read_only = off');
  await reader.pool.query('ALTER ROLE reader SET statement_timeout = 0');
  await reader.pool.query(`ALTER ROLE reader IN DATABASE ${mine} SET work_mem = '1GB'`);
  await reader.close();
  assert.equal((await settings()).memory, '1GB', 'a role may change its own defaults');
  await ensureReader(server.url, { user: 'reader', password: 'x' });
  assert.deepEqual(await settings(), { timeout: '30s', memory: '16MB' });

  await owner.pool.query('CREATE ROLE other_user LOGIN');
  await owner.pool.query('CREATE DATABASE shared');
  await ensureReader(server.url, { user: 'reader', password: 'x' });
  const shared = openDatabase({ url: at('shared', 'reader') });
  assert.equal((await shared.pool.query('SELECT 1')).rowCount, 1, 'a server with other users is left as it is');
  await shared.close();
});
