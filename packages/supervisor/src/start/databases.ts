/** The PostgreSQL and the Redis of `npm start`: those that are given, else Ablate's own. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { UserError } from '@ablate/contracts';
import { ensureReader, migrate } from '@ablate/db';
import { readState, writeState } from '@ablate/files';
import { z } from 'zod';
import { keepService } from '../keep/service.ts';
import { startPostgres } from '../postgres/start.ts';
import { findRedisServer } from '../redis/find.mjs';
import { startRedis } from '../redis/start.ts';
import { PYTHON_ENVIRONMENT, type StartEnv } from './env.ts';

/** Asked anew each time: a server that had to be started again may have moved. */
export type Databases = { databaseUrl: () => string; redisUrl: () => string };

type Hooks = { say: (line: string) => void; moved: () => void; push: (stop: () => Promise<void>) => void };

async function postgresOf({ databaseUrl, home }: StartEnv, { say, moved, push }: Hooks): Promise<() => string> {
  if (databaseUrl) return () => databaseUrl;
  const kept = await keepService({ name: 'PostgreSQL', start: () => startPostgres({ home }), say, moved });
  push(kept.stop);
  return kept.url;
}

async function redisOf({ redisUrl, home, path }: StartEnv, { say, moved, push }: Hooks): Promise<() => string> {
  if (redisUrl) return () => redisUrl;
  const found = findRedisServer({ path, environment: PYTHON_ENVIRONMENT });
  if (!found) throw new UserError('no Redis was found: install redis-server, set REDIS_URL, or run `npm run setup`');
  const start = () => startRedis({ home, binary: found.binary });
  const kept = await keepService({ name: 'Redis', start, say, moved });
  push(kept.stop);
  return kept.url;
}

export async function openDatabases(env: StartEnv, hooks: Hooks): Promise<Databases> {
  const databaseUrl = await postgresOf(env, hooks);
  const redisUrl = await redisOf(env, hooks);
  return { databaseUrl, redisUrl };
}

const READER = 'ablate_reader';
const Reader = z.strictObject({ password: z.string() });

/** Applies what migrations are missing, and makes the role that `ablate sql` uses. Null where the database does not let us make one. */
export async function prepareDatabase(
  databaseUrl: string,
  { home, readerUrl }: StartEnv,
  say: (line: string) => void,
): Promise<string | null> {
  const applied = await migrate(databaseUrl);
  if (applied.length > 0) say(`Database: ${applied.length} migrations applied`);
  if (readerUrl) return readerUrl;

  const file = join(home, 'reader.json');
  const reader = readState(file, Reader) ?? { password: randomBytes(24).toString('hex') };
  writeState(file, reader);
  try {
    await ensureReader(databaseUrl, { user: READER, password: reader.password });
  } catch (error) {
    say(`No read-only role for SQL (${error instanceof Error ? error.message : error}); set ABLATE_READER_URL to one.`);
    return null;
  }
  const url = new URL(databaseUrl);
  url.username = READER;
  url.password = reader.password;
  return url.href;
}
