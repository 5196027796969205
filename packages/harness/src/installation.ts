/** A whole installation that a test or benchmark may disturb: PostgreSQL and Redis behind proxies, an API and workers as processes. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SweepView } from '@ablate/contracts';
import { ensureReader, migrate, openDatabase } from '@ablate/db';
import { PYTHON_ENVIRONMENT, REPOSITORY } from '@ablate/files';
import { findRedisServer, freePort, gone, type Service, startPostgres, startRedis } from '@ablate/supervisor';
import pg from 'pg';
import { KERNEL_VARIABLES, TEST_HOME } from './environment.ts';
import { type KeptProcess, keptProcess } from './kept-process.ts';
import { type BadNetwork, startProxy } from './proxy.ts';
import { queueSweep } from './queue-sweep.ts';
import { temporaryFolder } from './temporary.ts';

const LONGEST_WAIT_MS = 90_000;

const READER = { user: 'installation_reader', password: 'secret' };

/** A server that can be killed and restarted on its data; clients reach it through its proxy. */
export type KeptServer = {
  proxy: BadNetwork;
  /** Its own address, without the proxy. */
  url(): string;
  pid(): number;
  signal(name: NodeJS.Signals): void;
  /** Send a signal and wait for the exit. */
  end(name: 'SIGKILL' | 'SIGQUIT' | 'SIGTERM'): Promise<void>;
  /** Restart it if it is not running. */
  start(): Promise<void>;
};

export type Installation = {
  postgres: KeptServer;
  redis: KeptServer;
  api: KeptProcess;
  workers: KeptProcess[];
  checkpoints: string;
  /** The API's address. */
  origin: string;
  /** Query without the proxy, on a new connection. */
  rows<T extends object>(text: string, values?: unknown[]): Promise<T[]>;
  /** Repeat a query until it returns a row. Errors of an unreachable server are retried. */
  until<T extends object>(what: string, text: string, values?: unknown[]): Promise<T>;
  /** Submit a sweep; the same request is retried until it succeeds. */
  submit(spec: unknown, key: string): Promise<SweepView>;
  /** Write a sweep to the database without API and proxy; returns its id. */
  queue(spec: unknown): Promise<string>;
  /** Wait until every run is finished. */
  finished(): Promise<void>;
  /** Wait until the API is ready. */
  ready(): Promise<void>;
  close(): Promise<void>;
};

async function keepServer(start: () => Promise<Service>): Promise<KeptServer & { stop(): Promise<void> }> {
  let service = await start();
  const proxy = await startProxy(service.url);
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(service.server.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it is gone already
    }
  };
  // An interrupted test run must not leave a server behind.
  const last = () => signal('SIGKILL');
  process.once('exit', last);
  const end = async (name: NodeJS.Signals) => {
    signal('SIGCONT');
    signal(name);
    if (!(await gone(service.server, 60))) throw new Error(`server ${service.server.pid} did not exit on ${name}`);
  };
  return {
    proxy,
    url: () => service.url,
    pid: () => service.server.pid,
    signal,
    end,
    start: async () => {
      if (!(await gone(service.server, 0))) return;
      service = await start();
      proxy.aim(service.url);
    },
    stop: async () => {
      await proxy.close();
      await end('SIGKILL');
      process.off('exit', last);
    },
  };
}

/** Worker settings with short intervals. */
export const QUICK = {
  ABLATE_LEASE_SECONDS: '3',
  ABLATE_BEAT_SECONDS: '0.2',
  ABLATE_DISPATCH_SECONDS: '0.1',
  ABLATE_RECONCILE_SECONDS: '0.5',
  ABLATE_CHECKPOINT_SECONDS: '0.05',
  ABLATE_GRACE_SECONDS: '2',
};

/**
 * Start the servers and create the database; API and workers are not started.
 *
 * @param workers  number of workers
 * @param sql      whether the API has a read-only role, for SQL
 * @param env      variables of the API and of all workers
 * @param settings intervals of the workers; `{}` for the defaults
 */
export async function install({
  workers = 1,
  sql = false,
  env = {},
  settings = QUICK,
}: {
  workers?: number;
  sql?: boolean;
  env?: Record<string, string>;
  settings?: Record<string, string>;
} = {}): Promise<Installation> {
  const home = temporaryFolder();
  const redisBinary = findRedisServer({ path: process.env.PATH ?? '', environment: PYTHON_ENVIRONMENT });
  if (!redisBinary) throw new Error('no Redis server is installed: npm run setup');
  // Durable, as in production: what was committed before a kill must survive it.
  const postgres = await keepServer(() => startPostgres({ home: home.path }));
  const redis = await keepServer(() => startRedis({ home: home.path, binary: redisBinary.binary }));
  const reader = new URL(postgres.url());
  try {
    await migrate(postgres.url());
    if (sql) {
      await ensureReader(reader.href, READER);
      Object.assign(reader, { username: READER.user, password: READER.password });
    }
  } catch (error) {
    await Promise.all([postgres.stop(), redis.stop()]); // running servers would keep the process alive
    throw error;
  }

  const port = await freePort('127.0.0.1');
  const origin = `http://127.0.0.1:${port}`;
  const checkpoints = join(home.path, 'checkpoints');
  const variables = (): NodeJS.ProcessEnv => ({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ...KERNEL_VARIABLES,
    DATABASE_URL: postgres.proxy.through(postgres.url()),
    REDIS_URL: redis.proxy.through(redis.url()),
    ABLATE_HOME: TEST_HOME,
    ABLATE_CHECKPOINTS: checkpoints,
    ABLATE_PORT: String(port),
    ABLATE_DEVICE: 'cpu',
    ABLATE_SLOTS: '1',
    ...(sql ? { ABLATE_READER_URL: reader.href } : {}),
    ...settings,
    ...env,
  });
  const api = keptProcess('api', join(REPOSITORY, 'apps/api/src/server.ts'), variables);
  const kept = Array.from({ length: workers }, (_, i) =>
    keptProcess(`worker ${i + 1}`, join(REPOSITORY, 'apps/worker/src/worker.ts'), variables),
  );

  const rows = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> => {
    const client = new pg.Client({ connectionString: postgres.url(), connectionTimeoutMillis: 5_000 });
    client.on('error', () => {}); // the query is rejected with the same error
    await client.connect();
    try {
      return (await client.query<T>(text, values)).rows;
    } finally {
      await client.end();
    }
  };

  async function poll<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
    let last: unknown;
    for (const deadline = performance.now() + LONGEST_WAIT_MS; performance.now() < deadline; await sleep(50)) {
      try {
        const answer = await ask();
        if (answer !== undefined) return answer;
      } catch (error) {
        last = error;
      }
    }
    const runs = await rows('SELECT state, cause, message, attempt, heartbeat_at FROM run LIMIT 50').catch(String);
    const logs = [api, ...kept].map(({ name, log }) => `--- ${name}\n${log().slice(-6_000)}`);
    throw new Error(
      `timed out after ${LONGEST_WAIT_MS / 1000} s, waiting until ${what}; runs: ${JSON.stringify(runs)}\n${logs.join('\n')}`,
      { cause: last },
    );
  }

  const call = (path: string, init?: RequestInit) =>
    fetch(`${origin}${path}`, { ...init, signal: AbortSignal.timeout(5_000) });

  return {
    postgres,
    redis,
    api,
    workers: kept,
    checkpoints,
    origin,
    rows,
    until: <T extends object>(what: string, text: string, values?: unknown[]) =>
      poll(what, async () => (await rows<T>(text, values))[0]),
    submit: async (spec, key) => {
      const answer = await poll(`sweep ${key} is answered`, async () => {
        const answer = await call('/api/v1/sweeps', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify(spec),
        });
        return answer.status < 500 && answer.status !== 409
          ? { status: answer.status, text: await answer.text() }
          : undefined;
      });
      if (answer.status !== 202) throw new Error(`the sweep was refused: ${answer.text}`);
      return SweepView.parse(JSON.parse(answer.text));
    },
    queue: async (spec) => {
      const db = openDatabase({ url: postgres.url(), max: 1 });
      try {
        return await queueSweep(db, spec);
      } finally {
        await db.close();
      }
    },
    finished: async () =>
      void (await poll('all runs are finished', async () => {
        const open = await rows(`SELECT FROM run WHERE state IN ('queued', 'running') LIMIT 1`);
        return open.length === 0 || undefined;
      })),
    ready: async () => void (await poll('the API is ready', async () => (await call('/ready')).ok || undefined)),
    close: async () => {
      await Promise.all([api, ...kept].map((one) => one.end('SIGKILL')));
      await Promise.all([postgres.stop(), redis.stop()]);
      home.remove();
    },
  };
}
