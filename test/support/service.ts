/** A database, a Redis and worker processes for one test, with short intervals; their logs and attempts if the test fails. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, canonicalHash, Spec } from '@ablate/contracts';
import { type Database, openDatabase } from '@ablate/db';
import { REPOSITORY } from '@ablate/files';
import { KERNEL_VARIABLES, TEST_HOME } from '@ablate/harness/environment';
import { temporaryFolder } from '@ablate/harness/temporary';
import { createSweep, localContext } from '@ablate/sweeps';
import { testDatabase } from './postgres.ts';
import { testRedis } from './redis.ts';

const WORKER = join(REPOSITORY, 'apps/worker/src/worker.ts');
/** For workers whose lease shall expire in the test. The default is long: a machine that stalls for seconds costs no attempt. */
export const SHORT_LEASE = { ABLATE_LEASE_SECONDS: '3' };

export type TestWorker = {
  process: ChildProcess;
  /** Its output so far. */
  log: () => string;
  /** Resolves with its exit code or signal. */
  exited: Promise<number | string>;
};

export type Service = {
  db: Database;
  databaseUrl: string;
  redisUrl: string;
  checkpoints: string;
  /** Submit a sweep with one run for each config; returns their ids, in order. */
  submit(configs: Config[], seeds?: number[]): Promise<string[]>;
  worker(env?: Record<string, string>): TestWorker;
  /** The first row of a query, or undefined. */
  row<T extends object>(text: string, values?: unknown[]): Promise<T | undefined>;
  rows<T extends object>(text: string, values?: unknown[]): Promise<T[]>;
  /** Repeat a query until it returns a row. */
  until<T extends object>(what: string, text: string, values?: unknown[]): Promise<T>;
  /** Wait until every run is finished. */
  finished(): Promise<void>;
};

const PATIENCE_MS = 60_000;

export async function service(t: TestContext): Promise<Service> {
  // Closed in reverse order: workers before their database.
  const opened: (() => Promise<void>)[] = [];
  const owner = { after: (done: () => Promise<void>) => void opened.push(done) };
  t.after(async () => {
    for (const close of opened.reverse()) await close();
  });
  /** A test that fails now and then on one machine is understood only from what its workers did there. */
  const explain = async (): Promise<void> => {
    const failed = 'error' in t && t.error !== null; // not in the types of every version of Node
    if (!failed) return;
    const attempts = await rows('SELECT run_id, number, cause, message FROM attempt ORDER BY started_at');
    t.diagnostic(
      [...attempts.map((attempt) => JSON.stringify(attempt)), ...workers.map(({ log }) => log())].join('\n'),
    );
  };
  const { url: databaseUrl } = await testDatabase(owner);
  const { url: redisUrl } = await testRedis(owner);
  const folder = temporaryFolder();
  const db = openDatabase({ url: databaseUrl, max: 4 });
  const workers: TestWorker[] = [];
  owner.after(async () => {
    await explain().catch((error: unknown) => t.diagnostic(`cannot explain the failure: ${error}`));
    for (const { process } of workers) {
      process.kill('SIGCONT');
      process.kill('SIGKILL');
    }
    await Promise.all(workers.map(({ exited }) => exited));
    await db.close();
    folder.remove();
  });

  const rows = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
    (await db.pool.query<T>(text, values)).rows;
  const row = async <T extends object>(text: string, values?: unknown[]): Promise<T | undefined> =>
    (await rows<T>(text, values))[0];

  async function until<T extends object>(what: string, text: string, values?: unknown[]): Promise<T> {
    for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(50)) {
      const found = await row<T>(text, values);
      if (found) return found;
    }
    const state = JSON.stringify(await rows('SELECT state, cause, message, attempt, progress FROM run'));
    throw new Error(`timed out waiting until ${what}; runs: ${state}\n${workers.map(({ log }) => log()).join('\n')}`);
  }

  return {
    db,
    databaseUrl,
    redisUrl,
    checkpoints: folder.path,
    row,
    rows,
    until,
    finished: async () => {
      await until(
        'all runs are finished',
        `SELECT true AS yes WHERE NOT EXISTS (SELECT FROM run WHERE state IN ('queued', 'running'))`,
      );
    },
    async submit(configs, seeds = [1]) {
      const spec = Spec.parse({ version: 1, name: 'test', reuse: false, seeds });
      const points = configs.map((config) => ({ config, axes: {}, hash: canonicalHash(config) }));
      const { id } = await createSweep(localContext(db), { spec, points });
      return (await rows<{ id: string }>('SELECT id FROM run WHERE sweep_id = $1 ORDER BY position', [id])).map(
        (run) => run.id,
      );
    },
    worker(env = {}) {
      const child = fork(WORKER, [], {
        execArgv: ['--import', import.meta.resolve('tsx')],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: {
          PATH: process.env.PATH,
          HOME: process.env.HOME,
          ...KERNEL_VARIABLES,
          DATABASE_URL: databaseUrl,
          REDIS_URL: redisUrl,
          ABLATE_HOME: TEST_HOME,
          ABLATE_CHECKPOINTS: folder.path,
          ABLATE_BEAT_SECONDS: '0.2',
          ABLATE_DISPATCH_SECONDS: '0.1',
          ABLATE_RECONCILE_SECONDS: '0.5',
          ABLATE_CHECKPOINT_SECONDS: '0.05',
          ABLATE_DEVICE: 'cpu',
          ABLATE_SLOTS: '1',
          ...env,
        },
      });
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (part) => {
          text += part;
        });
      const exited = once(child, 'exit').then(([code, signal]) => code ?? signal);
      const started = { process: child, log: () => text, exited };
      workers.push(started);
      return started;
    },
  };
}
