import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { after } from 'node:test';
import { REPOSITORY } from '@ablate/files';
import { testDatabase } from '../support/postgres.ts';
import { testRedis } from '../support/redis.ts';

const { url: DATABASE_URL } = await testDatabase({ after });
const { url: REDIS_URL } = await testRedis({ after });

function startServer(env: Record<string, string>): ChildProcess {
  const child = fork(join(REPOSITORY, 'apps/api/src/server.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  after(() => void child.kill('SIGKILL'));
  return child;
}

/** The address that the server logs. */
async function addressOf(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout);
  for await (const line of createInterface(child.stdout)) {
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (address) return address[0];
  }
  throw new Error('the server ended before it listened');
}

for (const [name, end] of [
  ['SIGTERM', (child: ChildProcess) => child.kill('SIGTERM')],
  ['SIGINT', (child: ChildProcess) => child.kill('SIGINT')],
  ['the end of its supervisor', (child: ChildProcess) => child.disconnect()],
] as const)
  test(`the server answers on loopback, and exits on ${name}`, async () => {
    const child = startServer({ DATABASE_URL, REDIS_URL, ABLATE_PORT: '0' });
    const address = await addressOf(child);
    assert.equal((await fetch(`${address}/ready`)).status, 200);
    end(child);
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  });

test('a server without its variables names each missing one and exits', async () => {
  const child = startServer({ DATABASE_URL: 'mysql://x', ABLATE_PORT: '99999' });
  let output = '';
  child.stderr?.on('data', (text) => {
    output += text;
  });
  const [code] = await once(child, 'exit');
  assert.equal(code, 1);
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'ABLATE_PORT']) assert.match(output, new RegExp(`${name}: `));
});
