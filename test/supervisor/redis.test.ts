import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UserError } from '@ablate/contracts';
import { PYTHON_ENVIRONMENT } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { findRedisServer, gone, type Service, startRedis } from '@ablate/supervisor';
import { Redis } from 'ioredis';

function newHome(): string {
  const { path } = temporaryFolder();
  return join(path, 'home');
}

/** The append-only file, or the files of its folder from Redis 7 on. */
const appendOnlyFiles = (home: string): string[] =>
  readdirSync(join(home, 'redis'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.aof$|\.rdb$/.test(name))
    .map((name) => join(home, 'redis', name))
    .filter((file) => statSync(file).size > 0);

async function start(t: TestContext, home: string, say?: (line: string) => void): Promise<Service> {
  const found = findRedisServer({ path: process.env.PATH ?? '', environment: PYTHON_ENVIRONMENT });
  assert.ok(found, 'set-up installs a Redis');
  const service = await startRedis({ home, binary: found.binary, say });
  t.after(service.stop);
  return service;
}

async function ask<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
  const failed = new Promise<never>((_, reject) => redis.once('error', reject));
  try {
    return await Promise.race([work(redis), failed]);
  } finally {
    redis.disconnect();
  }
}

test('data survives a stop and a start, and the address stays', async (t) => {
  const home = newHome();
  const first = await start(t, home);
  await ask(first.url, (redis) => redis.set('kept', '42'));
  await first.stop();
  assert.equal(await gone(first.server, 0), true);

  const second = await start(t, home);
  assert.equal(second.url, first.url);
  assert.equal(second.adopted, false);
  assert.equal(await ask(second.url, (redis) => redis.get('kept')), '42');
});

test('the server never evicts, appends every write to a file, and requires a password', async (t) => {
  const home = newHome();
  const { url } = await start(t, home);
  assert.deepEqual(await ask(url, (redis) => redis.config('GET', 'maxmemory-policy')), [
    'maxmemory-policy',
    'noeviction',
  ]);
  assert.deepEqual(await ask(url, (redis) => redis.config('GET', 'appendonly')), ['appendonly', 'yes']);
  assert.deepEqual(await ask(url, (redis) => redis.config('GET', 'bind')), ['bind', '127.0.0.1']);
  assert.equal(statSync(join(home, 'redis.json')).mode & 0o777, 0o600);
  assert.equal(statSync(join(home, 'redis', 'redis.conf')).mode & 0o777, 0o600);
  const bare = new URL(url);
  bare.password = '';
  await assert.rejects(
    ask(bare.href, (redis) => redis.get('kept')),
    /NOAUTH/,
  );
});

test('a server left behind by a killed supervisor is adopted', async (t) => {
  const home = newHome();
  const left = await start(t, home);
  const adopted = await start(t, home);
  assert.equal(adopted.adopted, true);
  assert.deepEqual(adopted.server, left.server);
  await adopted.stop();
  assert.equal(await gone(left.server, 0), true);
});

test('acknowledged data survives kill -9 of the server', async (t) => {
  const home = newHome();
  const killed = await start(t, home);
  await ask(killed.url, (redis) => redis.set('kept', '42'));
  process.kill(killed.server.pid, 'SIGKILL');
  assert.equal(await gone(killed.server, 10), true);

  const again = await start(t, home);
  assert.equal(again.adopted, false);
  assert.equal(await ask(again.url, (redis) => redis.get('kept')), '42');
});

for (const [damage, harm] of [
  ['garbage at its start', (data: Buffer) => Buffer.concat([Buffer.from('garbage'), data])],
  ['garbage inside', (data: Buffer) => Buffer.from(data.toString('latin1').replaceAll('$4', '!4'), 'latin1')],
  ['an invalid snapshot instead', () => Buffer.from('REDIS9999 not a snapshot')],
  ['its end missing', (data: Buffer) => data.subarray(0, -5)],
] as const)
  test(`a damaged append-only file, ${damage}: the server starts, at most without its data`, async (t) => {
    const home = newHome();
    const first = await start(t, home);
    await ask(first.url, (redis) => redis.mset('kept', '42', 'also', '43'));
    await first.stop();
    const said: string[] = [];
    for (const file of appendOnlyFiles(home)) writeFileSync(file, harm(readFileSync(file)));
    const again = await start(t, home, (line) => said.push(line));
    assert.equal(await ask(again.url, (redis) => redis.set('new', '1')), 'OK');
    if (damage === 'its end missing') assert.deepEqual(said, [], 'Redis mends a missing end itself');
    else {
      assert.match(
        said.join('\n'),
        /^Redis cannot read its data, which is moved to .*redis-damaged; it starts empty.*$/,
      );
      assert.ok(readdirSync(join(home, 'redis-damaged')).length > 0);
    }
  });

test('a folder that is not writable is refused in one line', {
  skip: process.getuid?.() === 0 && 'root may write anywhere',
}, async (t) => {
  const home = newHome();
  const first = await start(t, home);
  await first.stop();
  chmodSync(join(home, 'redis'), 0o500);
  t.after(() => chmodSync(join(home, 'redis'), 0o700));
  await assert.rejects(
    start(t, home),
    (error) =>
      error instanceof UserError && /^Redis does not start in [^\n]*permission denied[^\n]*$/.test(error.message),
  );
});

test('a full disk is refused in one line', async () => {
  const home = newHome();
  mkdirSync(join(home, 'redis'), { recursive: true });
  const binary = join(home, 'redis-server');
  // A server without space ends like this; a real full disk needs a mount.
  writeFileSync(binary, `#!/bin/sh\necho "# Can't open or create append-only file: No space left on device"; exit 1\n`);
  chmodSync(binary, 0o755);
  await assert.rejects(
    startRedis({ home, binary }),
    (error) =>
      error instanceof UserError &&
      /^Redis does not start in [^\n]*: the disk is full: free some space [^\n]*$/.test(error.message),
  );
});

test('a port that another program has taken is replaced', async (t) => {
  const home = newHome();
  const first = await start(t, home);
  await ask(first.url, (redis) => redis.set('kept', '42'));
  await first.stop();
  const squatter = createServer((socket) => socket.destroy()).listen(Number(new URL(first.url).port), '127.0.0.1');
  t.after(() => squatter.close());
  await new Promise((listening) => squatter.once('listening', listening));

  const second = await start(t, home);
  assert.notEqual(second.url, first.url);
  assert.equal(await ask(second.url, (redis) => redis.get('kept')), '42');
});

test('a server older than 6.2 on the PATH is skipped', () => {
  const { path } = temporaryFolder();
  const binary = join(path, 'redis-server');
  const findVersion = (version: string) => {
    writeFileSync(binary, `#!/bin/sh\necho "Redis server v=${version} sha=00000000:0 malloc=libc bits=64"\n`);
    chmodSync(binary, 0o755);
    return findRedisServer({ path, environment: '/nowhere' });
  };
  assert.equal(findVersion('6.0.16'), null);
  assert.deepEqual(findVersion('6.2.0'), { binary, version: '6.2.0' });
  assert.deepEqual(findVersion('7.0.15'), { binary, version: '7.0.15' });
});
