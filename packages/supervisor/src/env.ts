/** The environment of `npm start` and of the migration process; children of `npm start` read the rest themselves. */
import { resolve } from 'node:path';
import { parseVariables, VARIABLES } from '@ablate/contracts';
import { DEFAULT_HOME } from '@ablate/files';
import { z } from 'zod';

export const StartVariables = z.object({
  DATABASE_URL: VARIABLES.DATABASE_URL.optional(),
  ABLATE_READER_URL: VARIABLES.ABLATE_READER_URL.optional(),
  REDIS_URL: VARIABLES.REDIS_URL.optional(),
  ABLATE_HOME: VARIABLES.ABLATE_HOME,
  ABLATE_DATA: VARIABLES.ABLATE_DATA,
  ABLATE_HOST: VARIABLES.ABLATE_HOST,
  ABLATE_PORT: VARIABLES.ABLATE_PORT.refine((port) => port > 0, 'must be at least 1'),
  ABLATE_THREADS: VARIABLES.ABLATE_THREADS.unwrap().optional(),
  PATH: VARIABLES.PATH,
});

export type StartEnv = ReturnType<typeof readStartEnv>;

/** Settings of `npm start`. Throws UserError, naming each variable that is invalid. */
export function readStartEnv(env: NodeJS.ProcessEnv) {
  const read = parseVariables(StartVariables, env);
  return {
    inherited: env,
    home: resolve(read.ABLATE_HOME ?? DEFAULT_HOME),
    data: read.ABLATE_DATA,
    host: read.ABLATE_HOST,
    port: read.ABLATE_PORT,
    threads: read.ABLATE_THREADS,
    readerUrl: read.ABLATE_READER_URL,
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    path: read.PATH,
  };
}

export const MigrateVariables = z.object({
  DATABASE_URL: VARIABLES.DATABASE_URL,
  ABLATE_READER_URL: VARIABLES.ABLATE_READER_URL.optional(),
});

/** Settings of `migrate.ts`. ABLATE_READER_URL names the read-only role to create, and its password. */
export function readMigrateEnv(env: NodeJS.ProcessEnv) {
  const read = parseVariables(MigrateVariables, env);
  const reader = read.ABLATE_READER_URL ? new URL(read.ABLATE_READER_URL) : null;
  return {
    databaseUrl: read.DATABASE_URL,
    reader: reader && { user: decodeURIComponent(reader.username), password: decodeURIComponent(reader.password) },
  };
}
