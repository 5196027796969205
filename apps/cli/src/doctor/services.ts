import { openApi } from '@ablate/client';
import { noWorker } from '@ablate/contracts';
import { PYTHON_ENVIRONMENT } from '@ablate/files';
import { findBinaries, findRedisServer } from '@ablate/supervisor';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { CliEnv } from '../env.ts';
import type { Check } from './check.ts';

const TIMEOUT_MS = 5_000;

const reason = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
};

/** The address without its password. */
const shown = (address: string): string => {
  const url = new URL(address);
  if (url.password) url.password = '***';
  return url.href;
};

/** The configured database, else the one that `npm start` starts. */
export async function postgresCheck({ databaseUrl }: CliEnv): Promise<Check> {
  const name = 'PostgreSQL';
  const own = findBinaries();
  if (databaseUrl === undefined)
    return own
      ? { name, state: 'ok', detail: `${own.version}, bundled; \`npm start\` starts it` }
      : {
          name,
          state: 'missing',
          detail: 'not bundled for this platform, and DATABASE_URL is not set',
          remedy: 'set DATABASE_URL',
        };
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: TIMEOUT_MS });
  client.on('error', () => {}); // a broken connection is reported by the query
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version') AS version");
    return { name, state: 'ok', detail: `${rows[0]?.version} at ${shown(databaseUrl)}` };
  } catch (error) {
    const remedy = 'run npm start, or correct DATABASE_URL';
    return { name, state: 'missing', detail: `no response from ${shown(databaseUrl)} (${reason(error)})`, remedy };
  } finally {
    await client.end();
  }
}

/** The configured Redis, else the one that `npm start` starts. */
export async function redisCheck({ redisUrl, path }: CliEnv): Promise<Check> {
  const name = 'Redis';
  if (redisUrl === undefined) {
    const own = findRedisServer({ path, environment: PYTHON_ENVIRONMENT });
    return own
      ? { name, state: 'ok', detail: `${own.version}, ${own.binary}; \`npm start\` starts it` }
      : {
          name,
          state: 'missing',
          detail: 'no server is installed, and REDIS_URL is not set',
          remedy: 'run npm run setup, or set REDIS_URL',
        };
  }
  const redis = new Redis(redisUrl, { lazyConnect: true, connectTimeout: TIMEOUT_MS, retryStrategy: () => null });
  let connectionError: unknown;
  redis.on('error', (error) => {
    connectionError = error; // the command's own error is only "Connection is closed"
  });
  try {
    await redis.connect();
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1];
    const policy = /maxmemory_policy:(\S+)/.exec(await redis.info('memory'))?.[1];
    const detail = `${version} at ${shown(redisUrl)}`;
    return policy === 'noeviction'
      ? { name, state: 'ok', detail }
      : {
          name,
          state: 'warning',
          detail: `${detail}, maxmemory-policy ${policy}`,
          remedy: 'set it to noeviction, or Redis may drop jobs',
        };
  } catch (error) {
    const remedy = 'run npm start, or correct REDIS_URL';
    return {
      name,
      state: 'missing',
      detail: `no response from ${shown(redisUrl)} (${reason(connectionError ?? error)})`,
      remedy,
    };
  } finally {
    redis.disconnect();
  }
}

/** A warning only: runs work once a worker is started. Empty without an API, which knows the workers. */
export async function workersCheck({ apiUrl }: Pick<CliEnv, 'apiUrl'>, signal: AbortSignal): Promise<Check[]> {
  try {
    const workers = await openApi(apiUrl, { signal }).workers.list();
    const alive = workers.filter(({ state }) => state === 'alive');
    const missing = noWorker(workers);
    if (missing !== null) return [{ name: 'Workers', state: 'warning', detail: missing }];
    const slots = alive.reduce((sum, worker) => sum + worker.slots, 0);
    const devices = [...new Set(alive.flatMap(({ device }) => device ?? []))].join(', ');
    return [
      { name: 'Workers', state: 'ok', detail: `${alive.length} alive, slots: ${slots}${devices && ` (${devices})`}` },
    ];
  } catch {
    signal.throwIfAborted();
    return []; // apiCheck says why
  }
}

/** A warning only: runs work once the API is started. */
export async function apiCheck({ apiUrl }: CliEnv, signal: AbortSignal): Promise<Check> {
  const api = openApi(apiUrl, { signal });
  try {
    for await (const _sweep of api.sweeps.list()) break;
    return { name: 'API', state: 'ok', detail: api.root };
  } catch (error) {
    signal.throwIfAborted();
    const remedy = 'run npm start, or set ABLATE_API_URL';
    return { name: 'API', state: 'warning', detail: reason(error).split('\n')[0] ?? '', remedy };
  }
}
