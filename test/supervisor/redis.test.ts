import assert from 'node:assert/strict';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PYTHON_ENVIRONMENT } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { findRedisServer, gone, type Service, startRedis } from '@ablate/supervisor';
import { Redis } from 'ioredis';

function newHome(): string {
  const { path } = temporaryFolder();
  return join(path, 'h o "&" (m) $e\'s ü');
}

async function start(t: TestContext, home: string): Promise<Service> {
  const found = findRedisServer({ path: process.env.PATH ?? '', environment: PYTHON_ENVIRONMENT });
  assert.ok(found, 'set-up installs a Redis');
  const service = await startRedis({ home, binary: found.binary });
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
