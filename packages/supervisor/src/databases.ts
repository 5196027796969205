/** PostgreSQL and Redis of `npm start`: those that the environment names, else Ablate's own. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { UserError } from '@ablate/contracts';
import { ensureReader, migrate } from '@ablate/db';
import { PYTHON_ENVIRONMENT, readState, writeState } from '@ablate/files';
import { z } from 'zod';
import type { StartEnv } from './env.ts';
import { keepService } from './keep/service.ts';
import { startPostgres } from './postgres/start.ts';
import { findRedisServer } from './redis/find.mjs';
import { startRedis } from './redis/start.ts';

/** Functions, since the address of a server may change when it is started again. */
export type Databases = { databaseUrl: () => string; redisUrl: () => string };

type Hooks = { say: (line: string) => void; onMove: () => void; onStop: (stop: () => Promise<void>) => void };

async function postgresOf({ databaseUrl, home }: StartEnv, { say, onMove, onStop }: Hooks): Promise<() => string> {
  if (databaseUrl) return () => databaseUrl;
  const kept = await keepService({ name: 'PostgreSQL', start: () => startPostgres({ home }), say, onMove });
  onStop(kept.stop);
  return kept.url;
}

async function redisOf({ redisUrl, home, path }: StartEnv, { say, onMove, onStop }: Hooks): Promise<() => string> {
  if (redisUrl) return () => redisUrl;
  const found = findRedisServer({ path, environment: PYTHON_ENVIRONMENT });
  if (!found) throw new UserError('no Redis server found: install redis-server, set REDIS_URL, or run `npm run setup`');
  const start = () => startRedis({ home, binary: found.binary, say });
  const kept = await keepService({ name: 'Redis', start, say, onMove });
  onStop(kept.stop);
  return kept.url;
}

/** Starts what the environment does not name, and keeps it running. */
export async function openDatabases(env: StartEnv, hooks: Hooks): Promise<Databases> {
  const databaseUrl = await postgresOf(env, hooks);
  const redisUrl = await redisOf(env, hooks);
  return { databaseUrl, redisUrl };
}

const READER = 'ablate_reader';
const Reader = z.strictObject({ password: z.string() });

/**
 * Applies pending migrations and creates the read-only role of `ablate sql`.
 * @returns the address with that role; null if the database does not allow to create it
 */
export async function prepareDatabase(
  databaseUrl: string,
  { home, readerUrl }: StartEnv,
  say: (line: string) => void,
): Promise<string | null> {
  const applied = await migrate(databaseUrl);
  if (applied.length > 0)
    say(`Database: ${applied.length} ${applied.length === 1 ? 'migration' : 'migrations'} applied`);
  if (readerUrl) return readerUrl;

  const file = join(home, 'reader.json');
  const reader = readState(file, Reader) ?? { password: randomBytes(24).toString('hex') };
  writeState(file, reader);
  try {
    await ensureReader(databaseUrl, { user: READER, password: reader.password });
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    say(`Cannot create the read-only role for SQL (${reason}); set ABLATE_READER_URL to an address with one.`);
    return null;
  }
  const url = new URL(databaseUrl);
  url.username = READER;
  url.password = reader.password;
  return url.href;
}
