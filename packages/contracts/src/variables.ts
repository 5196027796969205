import { z } from 'zod';
import { UserError } from './user-error.ts';

const postgres = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// address' });

/**
 * Environment variables that several processes read. Each process picks its rows, makes optional what it can do
 * without, adds its own, and parses them once, in its `env.ts`.
 */
export const VARIABLES = {
  DATABASE_URL: postgres.describe(
    'The database, as postgresql://USER:PASSWORD@HOST:PORT/DATABASE. Unset, `npm start` runs its own PostgreSQL.',
  ),
  ABLATE_READER_URL: postgres.describe(
    'The database with a role that can only read, for SQL (docs/sql.md). Unset, `npm start` creates the role.',
  ),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must be a redis:// address' })
    .describe(
      'The queue, as redis://[:PASSWORD@]HOST:PORT. Installations with databases of their own may share it. Unset, `npm start` runs its own Redis.',
    ),
  ABLATE_HOME: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder of local databases, checkpoints, logs, downloads and packed data sets. Default: `.ablate` in the checkout.',
    ),
  ABLATE_CHECKPOINTS: z
    .string()
    .min(1)
    .describe(
      'Where checkpoints are stored: a folder, `postgres:`, or `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`. Default: `checkpoints` in ABLATE_HOME.',
    ),
  ABLATE_DATA: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folders that are searched for data sets, separated as in PATH. `data` in ABLATE_HOME is always searched.',
    ),
  ABLATE_HOST: z.string().min(1).default('127.0.0.1').describe('Address on which the API listens.'),
  ABLATE_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(3000)
    .describe('Port on which the API listens. 0 is any free port, except for `npm start`.'),
  ABLATE_THREADS: z.coerce
    .number()
    .int()
    .min(0)
    .max(1024)
    .describe('Threads of TensorFlow in each trainer. 0 shares the cores among the trainers of this machine.')
    .default(0),
  ABLATE_LOG: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Lowest level that is logged.'),
  PATH: z.string().default('').describe('Where programs such as redis-server are found.'),
};

/**
 * Parses environment variables. An empty variable counts as unset, as in docker-compose's `${NAME:-}`.
 * Throws UserError, naming each variable that is missing or invalid.
 */
export function parseVariables<T extends z.ZodType>(
  schema: T,
  variables: Readonly<Record<string, string | undefined>>,
): z.infer<T> {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== '')));
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new UserError(`invalid environment variables: ${complaints.join('; ')}`, 'usage');
}
