import { openApi } from '@ablate/client';
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

/** Passwords are not for the screen. */
const shown = (address: string): string => {
  const url = new URL(address);
  if (url.password) url.password = '***';
  return url.href;
};

/** The database that is running, else the one that `npm start` would start. */
export async function postgresCheck({ databaseUrl }: CliEnv): Promise<Check> {
  const name = 'PostgreSQL';
  const own = findBinaries();
  if (databaseUrl === undefined)
    return own
      ? { name, state: 'ok', detail: `${own.version} comes with Ablate; \`npm start\` starts it` }
      : {
          name,
          state: 'missing',
          detail: 'none comes with Ablate here, and none is named',
          remedy: 'set DATABASE_URL',
        };
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: TIMEOUT_MS });
  client.on('error', () => {}); // a connection that breaks is told by the query
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version') AS version");
    return { name, state: 'ok', detail: `${rows[0]?.version} at ${shown(databaseUrl)}` };
  } catch (error) {
    const remedy = 'npm start, or correct DATABASE_URL';
    return { name, state: 'missing', detail: `nothing answers at ${shown(databaseUrl)}: ${reason(error)}`, remedy };
  } finally {
    await client.end();
  }
}

/** The queue that is running, else the one that `npm start` would start. */
export async function redisCheck({ redisUrl }: CliEnv, path: string): Promise<Check> {
  const name = 'Redis';
  if (redisUrl === undefined) {
    const own = findRedisServer({ path, environment: PYTHON_ENVIRONMENT });
    return own
      ? { name, state: 'ok', detail: `${own.version}, ${own.binary}; \`npm start\` starts it` }
      : {
          name,
          state: 'missing',
          detail: 'no server is installed, and none is named',
          remedy: 'npm run setup, or set REDIS_URL',
        };
  }
  const redis = new Redis(redisUrl, { lazyConnect: true, connectTimeout: TIMEOUT_MS, retryStrategy: () => null });
  let trouble: unknown;
  redis.on('error', (error) => {
    trouble = error; // the command's own error only says that the connection is closed
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
          remedy: 'set it to noeviction, or jobs may be dropped',
        };
  } catch (error) {
    const remedy = 'npm start, or correct REDIS_URL';
    return {
      name,
      state: 'missing',
      detail: `nothing answers at ${shown(redisUrl)}: ${reason(trouble ?? error)}`,
      remedy,
    };
  } finally {
    redis.disconnect();
  }
}

/** Not needed for a run to be possible: it may simply not be started yet. */
export async function apiCheck({ apiUrl }: CliEnv, signal: AbortSignal): Promise<Check> {
  const api = openApi(apiUrl, { signal });
  try {
    for await (const _sweep of api.sweeps()) break;
    return { name: 'API', state: 'ok', detail: api.root };
  } catch (error) {
    signal.throwIfAborted();
    return { name: 'API', state: 'warning', detail: reason(error).split('\n')[0] ?? '' };
  }
}
