/** The environment variables of the API. Only this file reads them. */
import { join, resolve } from 'node:path';
import { StoreAddress } from '@ablate/checkpoints';
import { parseVariables } from '@ablate/contracts';
import { dataFolders } from '@ablate/data';
import { DEFAULT_RETENTION } from '@ablate/db';
import { z } from 'zod';

const REPOSITORY = resolve(import.meta.dirname, '../../..');

const Variables = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' }),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// URL' }),
  ABLATE_HOME: z.string().min(1).default(join(REPOSITORY, '.ablate')),
  ABLATE_DATA: z.string().min(1).optional(),
  ABLATE_CHECKPOINTS: StoreAddress.optional(),
  ABLATE_KEEP_BEST: z.coerce.number().int().min(1).max(1000).default(DEFAULT_RETENTION.best),
  ABLATE_KEEP_LAST: z.coerce.number().int().min(1).max(1000).default(DEFAULT_RETENTION.last),
  ABLATE_HOST: z.string().min(1).default('127.0.0.1'),
  ABLATE_PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  ABLATE_LOG: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type ApiEnv = ReturnType<typeof readApiEnv>;

/** The API's settings. Throws an error that names each missing or invalid variable. */
export function readApiEnv(env: NodeJS.ProcessEnv) {
  const read = parseVariables(Variables, env);
  const home = resolve(read.ABLATE_HOME);
  return {
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    store: read.ABLATE_CHECKPOINTS ?? { kind: 'file', folder: join(home, 'checkpoints') },
    keep: { best: read.ABLATE_KEEP_BEST, last: read.ABLATE_KEEP_LAST },
    data: {
      folders: dataFolders({ data: read.ABLATE_DATA, repository: REPOSITORY, home }),
      cache: join(home, 'cache'),
    },
    host: read.ABLATE_HOST,
    port: read.ABLATE_PORT,
    logLevel: read.ABLATE_LOG,
  };
}
