/** The command line in a process of its own, and an API for it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { openCheckpointStore } from '@ablate/checkpoints';
import { RUN_QUEUE, type RunJob } from '@ablate/contracts';
import { DEFAULT_RETENTION, openDatabase } from '@ablate/db';
import { REPOSITORY } from '@ablate/files';
import { temporaryFolder } from '@ablate/harness/temporary';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { buildApp } from '../../apps/api/src/app.ts';
import { testDatabase } from '../support/postgres.ts';
import { readableDatabase } from '../support/reader.ts';
import { testRedis } from '../support/redis.ts';

export type Ended = { code: number | null; out: string; err: string };

/** Run `ablate` with only these variables of Ablate's in its environment. `onErr` receives stderr so far. */
export function ablate(
  args: readonly string[],
  {
    env = {},
    input = '',
    onErr,
  }: { env?: Record<string, string>; input?: string; onErr?: (text: string, kill: () => void) => void } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [join(REPOSITORY, 'apps/cli/bin/ablate.mjs'), ...args], {
      env: { PATH, HOME, ABLATE_HOME: '/nonexistent/ablate', ...env },
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk;
      onErr?.(err, () => child.kill('SIGINT'));
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

/** An API with a database and a Redis of its own, on a free port; with `sql`, it has a read-only role. */
export async function startApi(t: { after: (close: () => Promise<void>) => void }, { sql = false } = {}) {
  const last: (() => Promise<void>)[] = []; // close the servers before their databases are dropped
  const owner = { after: (done: () => Promise<void>) => void last.push(done) };
  const database: { url: string; readerUrl?: string } = await (sql ? readableDatabase(owner) : testDatabase(owner));
  const { url: redisUrl } = await testRedis(owner);
  const home = temporaryFolder();
  const db = openDatabase({ url: database.url });
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  const queue = new Queue<RunJob>(RUN_QUEUE, { connection: redis });
  const store = await openCheckpointStore({ kind: 'file', folder: home.path }, db);
  const data = { folders: [], cache: home.path };
  const { readerUrl } = database;
  const app = await buildApp({ db, redis, queue, store, keep: DEFAULT_RETENTION, data, readerUrl });
  const apiUrl = await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await app.close();
    await queue.close();
    redis.disconnect();
    await db.close();
    home.remove();
    for (const done of last) await done();
  });
  return { db, apiUrl, databaseUrl: database.url, redisUrl, checkpoints: home.path };
}

/** @throws with the command's output unless it exited with 0 */
export function assertDone({ code, out, err }: Ended): void {
  assert.equal(code, 0, `exit code ${code}\n${out}\n${err}`);
}
