/** What `npm start` reads from the environment; its children read the rest themselves. */
import { join, resolve } from 'node:path';
import { UserError } from '@ablate/contracts';
import { z } from 'zod';

export const REPOSITORY = resolve(import.meta.dirname, '../../../..');

/** Where the set-up puts Python's packages, whatever ABLATE_HOME says: node_modules links there. */
export const PYTHON_ENVIRONMENT = join(REPOSITORY, '.ablate', 'python');

const postgres = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// address' });

const Variables = z.object({
  ABLATE_HOME: z.string().min(1).default(join(REPOSITORY, '.ablate')),
  ABLATE_DATA: z.string().min(1).optional(),
  ABLATE_HOST: z.string().min(1).default('127.0.0.1'),
  ABLATE_PORT: z.coerce.number().int().min(1).max(65_535).default(3000),
  ABLATE_THREADS: z.string().optional(),
  ABLATE_READER_URL: postgres.optional(),
  DATABASE_URL: postgres.optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// address' }).optional(),
  PATH: z.string().default(''),
});

/** An empty variable is one that is not set. Throws UserError naming each variable that is wrong. */
function parse<T extends z.ZodType>(schema: T, env: NodeJS.ProcessEnv): z.infer<T> {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new UserError(['the environment cannot be used:', ...complaints].join('\n'), 'usage');
}

export type StartEnv = ReturnType<typeof readStartEnv>;

export function readStartEnv(env: NodeJS.ProcessEnv) {
  const read = parse(Variables, env);
  return {
    inherited: env,
    home: resolve(read.ABLATE_HOME),
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

/** What `migrate.ts` reads. `ABLATE_READER_URL` names the read-only role that is made, and its password. */
export function readMigrateEnv(env: NodeJS.ProcessEnv) {
  const read = parse(z.object({ DATABASE_URL: postgres, ABLATE_READER_URL: postgres.optional() }), env);
  const reader = read.ABLATE_READER_URL ? new URL(read.ABLATE_READER_URL) : null;
  return {
    databaseUrl: read.DATABASE_URL,
    reader: reader && { user: decodeURIComponent(reader.username), password: decodeURIComponent(reader.password) },
  };
}
