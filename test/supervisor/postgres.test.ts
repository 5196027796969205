import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { removeAtExit, temporaryFolder } from '@ablate/harness/temporary';
import { findBinaries, gone, type Service, startPostgres } from '@ablate/supervisor';
import pg from 'pg';
import { makeCluster } from '../../packages/supervisor/src/postgres/cluster.ts';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

/** Its path has what shells treat specially, and is longer than that of a socket may be (107 bytes). */
function newHome(): string {
  const { path } = temporaryFolder();
  return join(path, `h o & (m) $e's ü ${'x'.repeat(110)}`);
}

/** A durable server, stopped after the test. */
async function start(t: TestContext, home: string): Promise<Service> {
  const service = await startPostgres({ home });
  t.after(service.stop);
  return service;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const stateOf = (home: string) => JSON.parse(readFileSync(join(home, 'postgres.json'), 'utf8'));

test('data survives a stop and a start, and the address stays', async (t) => {
  const home = newHome();
  const first = await start(t, home);
  await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.stop();
  assert.equal(await gone(first.server, 0), true);

  const second = await start(t, home);
  assert.equal(second.url, first.url);
  assert.equal(second.adopted, false);
  assert.deepEqual(await query(second.url, 'SELECT answer FROM kept'), [{ answer: 42 }]);
});

test('only this machine can connect, with a password that only the owner can read', async (t) => {
  const home = newHome();
  const { url } = await start(t, home);
  assert.equal(statSync(join(home, 'postgres.json')).mode & 0o777, 0o600);
  assert.deepEqual(await query(url, 'SHOW listen_addresses'), [{ listen_addresses: '127.0.0.1' }]);
  assert.deepEqual(await query(url, 'SELECT DISTINCT auth_method FROM pg_hba_file_rules'), [
    { auth_method: 'scram-sha-256' },
  ]);
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await assert.rejects(query(wrong.href, 'SELECT 1'), /password authentication failed/);
});

test('a server left behind by a killed supervisor is adopted', async (t) => {
  const home = newHome();
  const left = await start(t, home);
  const adopted = await start(t, home);
  assert.equal(adopted.adopted, true);
  assert.deepEqual(adopted.server, left.server);
  assert.equal(adopted.url, left.url);
  await adopted.stop();
  assert.equal(await gone(left.server, 0), true);
});

test('committed data survives kill -9 of the server', async (t) => {
  const home = newHome();
  const killed = await start(t, home);
  await query(killed.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  process.kill(killed.server.pid, 'SIGKILL');

  const again = await start(t, home);
  assert.equal(again.adopted, false);
  assert.equal(again.url, killed.url);
  assert.deepEqual(await query(again.url, 'SELECT answer FROM kept'), [{ answer: 42 }]);
});

test('a pid file that names an unrelated process is removed', async (t) => {
  const home = newHome();
  const first = await start(t, home);
  await first.stop();
  const pidFile = join(home, 'postgres', 'data', 'postmaster.pid');
  writeFileSync(pidFile, `${process.pid}\n${dirname(pidFile)}\n0\n1\n\n127.0.0.1\n\nready\n`);
  const second = await start(t, home);
  assert.deepEqual(await query(second.url, 'SELECT 1 AS one'), [{ one: 1 }]);
});

test('a cluster is made with binaries whose path a shell would change', () => {
  const { path } = temporaryFolder();
  const found = findBinaries();
  assert.ok(found);
  const native = join(path, "x & (z) $w's `t`", 'native');
  const binaries = {
    ...found,
    folder: native,
    initdb: join(native, 'bin/initdb'),
    postgres: join(native, 'bin/postgres'),
  };
  mkdirSync(dirname(native));
  cpSync(found.folder, native, { recursive: true, verbatimSymlinks: true });
  const account = isRoot ? { name: 'nobody', uid: NOBODY, gid: NOBODY } : null;
  const folder = join(path, 'postgres');
  for (const each of [path, dirname(native)]) chmodSync(each, 0o755);
  mkdirSync(folder);
  if (account) chownSync(folder, account.uid, account.gid);
  makeCluster(folder, binaries, account, 'secret');
  assert.match(readFileSync(join(folder, 'data', 'PG_VERSION'), 'utf8'), /^\d+/);
  assert.deepEqual(readdirSync(folder), ['data'], 'no password file is left');
});

test('an interrupted initdb is started over', async (t) => {
  const home = newHome();
  mkdirSync(join(home, 'postgres', 'data.new', 'base'), { recursive: true });
  const { url } = await start(t, home);
  assert.deepEqual(await query(url, 'SELECT 1 AS one'), [{ one: 1 }]);
});

test('a moved home keeps its data', async (t) => {
  const home = newHome();
  const first = await start(t, home);
  await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.stop();
  renameSync(home, `${home}-moved`);
  const moved = await start(t, `${home}-moved`);
  assert.deepEqual(await query(moved.url, 'SELECT answer FROM kept'), [{ answer: 42 }]);
});

test('root runs the server under another account', { skip: !isRoot && 'not root' }, async (t) => {
  const home = newHome();
  const { server } = await start(t, home);
  assert.notEqual(statSync(`/proc/${server.pid}`).uid, 0);
  assert.equal(statSync(`/proc/${server.pid}`).uid, statSync(join(home, 'postgres')).uid);
});

test('root keeps the data outside a home that the account cannot enter', { skip: !isRoot && 'not root' }, async (t) => {
  const home = newHome();
  const closed = dirname(home);
  const first = await start(t, home);
  await query(first.url, 'CREATE TABLE older AS SELECT 41 AS answer');
  await first.stop();
  chmodSync(closed, 0o700); // like /root: the checkout was moved there

  const service = await start(t, home);
  const { folder } = stateOf(home);
  removeAtExit(folder);
  assert.match(folder, /^\/var\/lib\/ablate\//);
  assert.equal(realpathSync(join(home, 'postgres')), folder);
  await query(service.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await service.stop();
  const again = await start(t, home);
  assert.deepEqual(await query(again.url, 'SELECT k.answer, o.answer AS older FROM kept k, older o'), [
    { answer: 42, older: 41 },
  ]);
});

/** Whether every user can enter each folder of the path. */
function isOpen(path: string): boolean {
  const open = (statSync(path).mode & 0o005) === 0o005;
  return open && (path === '/' || isOpen(dirname(path)));
}

const here = dirname(fileURLToPath(import.meta.url));
const reachable = isOpen(here) && isOpen(dirname(realpathSync(process.execPath)));

test('an ordinary user runs the server under the own account', {
  skip: !(isRoot && reachable) && 'needs root and an open checkout',
}, async () => {
  const { path: home } = temporaryFolder();
  chmodSync(home, 0o777);
  const script = `
    import { statSync } from 'node:fs';
    import { startPostgres } from '@ablate/supervisor';
    const { server, stop } = await startPostgres({ home: ${JSON.stringify(join(home, 'own'))} });
    console.log(statSync('/proc/' + server.pid).uid);
    await stop();`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { uid: NOBODY, gid: NOBODY, cwd: here, env: { PATH: process.env.PATH, TMPDIR: home } },
  );
  assert.equal(stdout.trim(), String(NOBODY));
  assert.equal(existsSync(join(home, 'own', 'postgres', 'data', 'PG_VERSION')), true);
});
