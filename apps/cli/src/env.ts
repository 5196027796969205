/** The settings of the command line: environment variables, and `services.json`, which `npm start` writes. Parsed once, read only here. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '@ablate/contracts';
import { z } from 'zod';

export const REPOSITORY = resolve(import.meta.dirname, '../../..');

const http = z.url({ protocol: /^https?$/, error: 'must be an http:// address' });
const postgres = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// address' });
const redis = z.url({ protocol: /^rediss?$/, error: 'must be a redis:// address' });

const Variables = z.object({
  ABLATE_HOME: z.string().min(1).default(join(REPOSITORY, '.ablate')),
  ABLATE_DATA: z.string().min(1).optional(),
  ABLATE_API_URL: http.optional(),
  ABLATE_READER_URL: postgres.optional(),
  DATABASE_URL: postgres.optional(),
  REDIS_URL: redis.optional(),
  ABLATE_DEVICE: z.string().default('auto'),
  PATH: z.string().default(''),
  PARITY_PYTHON: z.string().min(1).optional(),
  BENCH_TORCH_PYTHON: z.string().min(1).optional(),
});

/** `services.json`: the addresses that `npm start` uses. */
const Services = z.object({ databaseUrl: postgres, readerUrl: postgres, redisUrl: redis, apiUrl: http }).partial();

export type CliEnv = {
  home: string;
  /** ABLATE_DATA, unparsed: the folders that are searched for data sets. */
  dataFolders?: string;
  apiUrl: string;
  readerUrl?: string;
  databaseUrl?: string;
  redisUrl?: string;
  /** The device that TensorFlow is to use; the engine validates it. */
  device: string;
  /** The folders that are searched for programs. */
  path: string;
  /** A Python with torch and the reference models, for `ablate parity`. */
  torchPython?: string;
};

const invalid = (source: string, error: z.ZodError): UserError =>
  new UserError(
    `invalid ${source}: ${error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
    'usage',
  );

async function readServices(home: string): Promise<z.infer<typeof Services>> {
  const file = join(home, 'services.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  try {
    return Services.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof z.ZodError) throw invalid(file, error);
    throw new UserError(`${file} is not valid JSON; remove it and run \`npm start\` again`, 'usage');
  }
}

/** Variables take precedence over `services.json`, and both over the defaults. @throws UserError naming each invalid setting */
export async function readCliEnv(env: NodeJS.ProcessEnv): Promise<CliEnv> {
  // An empty variable counts as not set, as in docker-compose's `${NAME:-}`.
  const parsed = Variables.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) throw invalid('environment', parsed.error);
  const read = parsed.data;
  const home = resolve(read.ABLATE_HOME);
  const services = await readServices(home);
  return {
    home,
    dataFolders: read.ABLATE_DATA,
    apiUrl: read.ABLATE_API_URL ?? services.apiUrl ?? 'http://127.0.0.1:3000',
    readerUrl: read.ABLATE_READER_URL ?? services.readerUrl,
    databaseUrl: read.DATABASE_URL ?? services.databaseUrl,
    redisUrl: read.REDIS_URL ?? services.redisUrl,
    device: read.ABLATE_DEVICE,
    path: read.PATH,
    torchPython: read.PARITY_PYTHON ?? read.BENCH_TORCH_PYTHON,
  };
}
