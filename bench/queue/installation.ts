/** All of Ablate, as `npm start` runs it, on its own servers, with simulated trainers. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, migrate, openDatabase } from '@ablate/db';
import { PYTHON_ENVIRONMENT, REPOSITORY } from '@ablate/files';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { temporaryFolder } from '@ablate/harness/temporary';
import { findRedisServer, freePort, startPostgres, startRedis } from '@ablate/supervisor';

export type Installation = {
  db: Database;
  databaseUrl: string;
  redisUrl: string;
  /** Submits a spec; returns the id of the sweep. */
  submit(spec: object): Promise<string>;
  ask(
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: string; etag: string | null }>;
  /** Peak resident memory of the API so far, in MiB; null if the kernel does not report it. */
  apiPeakMiB(): number | null;
  /** Starts a worker whose trainers take `seconds` for a run; resolves when it is ready. */
  worker(options: { slots: number; seconds: number; env?: Record<string, string> }): Promise<{ end(): Promise<void> }>;
  /** Waits until every run has ended; throws if one did not succeed. */
  allSucceeded(): Promise<void>;
  /** Deletes all sweeps and frees their space. */
  clear(): Promise<void>;
  close(): Promise<void>;
};

/** The databases are durable, as in production: every commit is on disk before it returns. */
export async function install(): Promise<Installation> {
  const home = temporaryFolder();
  const found = findRedisServer({
    path: process.env.PATH ?? '',
    environment: PYTHON_ENVIRONMENT,
  });
  if (!found) throw new Error('no Redis server is installed: npm run setup');
  const postgres = await startPostgres({ home: home.path });
  const redis = await startRedis({ home: home.path, binary: found.binary });
  await migrate(postgres.url);
  const db = openDatabase({ url: postgres.url, max: 4 });
  const port = await freePort('127.0.0.1');
  const address = `http://127.0.0.1:${port}`;
  const variables = (env: Record<string, string>) => ({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    ABLATE_HOME: home.path,
    ABLATE_PORT: String(port),
    ...env,
  });

  const children: ChildProcess[] = [];
  function start(
    entry: string,
    env: Record<string, string>,
  ): { child: ChildProcess; printed: (what: RegExp) => Promise<void> } {
    const child = fork(join(REPOSITORY, entry), [], {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: variables(env),
    });
    children.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (part) => {
        text = `${text}${part}`.slice(-50_000);
      });
    const printed = async (what: RegExp): Promise<void> => {
      while (!what.test(text)) {
        if (child.exitCode !== null) throw new Error(`${entry} ended:\n${text}`);
        await sleep(20);
      }
    };
    return { child, printed };
  }
  const end = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };

  const api = start('apps/api/src/server.ts', {});
  const ask: Installation['ask'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${address}${path}`, {
      method,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      body: body && JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.text(), etag: answer.headers.get('etag') };
  };
  await api.printed(/listening/i);

  return {
    db,
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    ask,
    submit: async (spec) => {
      const { status, body } = await ask('POST', '/api/v1/sweeps', spec);
      if (status !== 202) throw new Error(`the sweep was rejected: ${body}`);
      return String(JSON.parse(body).id);
    },
    apiPeakMiB: () => {
      try {
        const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${api.child.pid}/status`, 'utf8'))?.[1];
        return kib === undefined ? null : Math.round(Number(kib) / 1024);
      } catch {
        return null; // without /proc
      }
    },
    worker: async ({ slots, seconds, env = {} }) => {
      const { child, printed } = start('apps/worker/src/worker.ts', {
        ...simulatedTrainer({ seconds }),
        ABLATE_SIMULATED_CHECKPOINTS: 'no',
        ABLATE_SLOTS: String(slots),
        ...env,
      });
      await printed(/worker ready/);
      return { end: () => end(child) };
    },
    allSucceeded: async () => {
      for (;;) {
        const { rows } = await db.pool.query<{ left: boolean }>(
          `SELECT EXISTS (SELECT FROM run WHERE state = 'queued') OR EXISTS (SELECT FROM run WHERE state = 'running') AS left`,
        );
        if (!rows[0]?.left) break;
        await sleep(100);
      }
      const { rows } = await db.pool.query<{ message: string }>(
        `SELECT message FROM run WHERE state <> 'succeeded' LIMIT 1`,
      );
      if (rows[0] !== undefined) throw new Error(`a run did not succeed: ${rows[0].message}`);
    },
    clear: async () => {
      await db.pool.query('TRUNCATE sweep CASCADE');
      await db.pool.query('CHECKPOINT');
    },
    close: async () => {
      await Promise.all(children.map(end));
      await db.close();
      await redis.stop();
      await postgres.stop();
      home.remove();
    },
  };
}
