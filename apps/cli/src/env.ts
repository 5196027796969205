/** What the command line reads from the environment, and from what `npm start` wrote down; nothing else reads them. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { EXIT, Failure } from './failure.ts';

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
  PATH: z.string().default(''),
  PARITY_PYTHON: z.string().min(1).optional(),
  BENCH_TORCH_PYTHON: z.string().min(1).optional(),
});

/** `services.json`: what `npm start` found or started. */
const Services = z.object({ databaseUrl: postgres, readerUrl: postgres, redisUrl: redis, apiUrl: http }).partial();

export type CliEnv = {
  home: string;
  /** The search path of data sets, as written. */
  dataFolders?: string;
  apiUrl: string;
  readerUrl?: string;
  databaseUrl?: string;
  redisUrl?: string;
  /** Where programs are looked for. */
  path: string;
  /** A Python with torch and the references, for comparisons. */
  torchPython?: string;
};

const unusable = (what: string, error: z.ZodError): Failure =>
  new Failure(
    `${what}: ${error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
    EXIT.usage,
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
    if (error instanceof z.ZodError) throw unusable(file, error);
    throw new Failure(`${file} is damaged; remove it and run \`npm start\` again`, EXIT.usage);
  }
}

/** Variables win over `services.json`, and both over the defaults. Throws Failure naming what is wrong. */
export async function readCliEnv(env: NodeJS.ProcessEnv): Promise<CliEnv> {
  // An empty variable is one that is not set, as in docker-compose's `${NAME:-}`.
  const parsed = Variables.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) throw unusable('environment', parsed.error);
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
    path: read.PATH,
    torchPython: read.PARITY_PYTHON ?? read.BENCH_TORCH_PYTHON,
  };
}
