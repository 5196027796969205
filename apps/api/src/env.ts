/** What the API reads from the environment; nothing else reads it. */
import { join, resolve } from 'node:path';
import { parseVariables } from '@ablate/contracts';
import { dataFolders } from '@ablate/data';
import { z } from 'zod';

const REPOSITORY = resolve(import.meta.dirname, '../../..');

const Variables = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// address' }),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// address' }),
  ABLATE_HOME: z.string().min(1).default(join(REPOSITORY, '.ablate')),
  ABLATE_DATA: z.string().min(1).optional(),
  ABLATE_CHECKPOINTS: z.string().min(1).optional(),
  ABLATE_HOST: z.string().min(1).default('127.0.0.1'),
  ABLATE_PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  ABLATE_LOG: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type ApiEnv = ReturnType<typeof readApiEnv>;

/** The API's settings. Throws naming each variable that is missing or wrong. */
export function readApiEnv(env: NodeJS.ProcessEnv) {
  const read = parseVariables(Variables, env);
  const home = resolve(read.ABLATE_HOME);
  return {
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    checkpoints: resolve(read.ABLATE_CHECKPOINTS ?? join(read.ABLATE_HOME, 'checkpoints')),
    data: {
      folders: dataFolders({ data: read.ABLATE_DATA, repository: REPOSITORY, home }),
      cache: join(home, 'cache'),
    },
    host: read.ABLATE_HOST,
    port: read.ABLATE_PORT,
    logLevel: read.ABLATE_LOG,
  };
}
