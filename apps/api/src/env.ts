/** The environment variables of the API. Only this file reads them. */
import { join, resolve } from 'node:path';
import { CHECKPOINT_VARIABLES, checkpointSettings } from '@ablate/checkpoints';
import { parseVariables, VARIABLES } from '@ablate/contracts';
import { dataFolders } from '@ablate/data';
import { DEFAULT_HOME, REPOSITORY } from '@ablate/files';
import { z } from 'zod';

export const ApiVariables = z.object({
  DATABASE_URL: VARIABLES.DATABASE_URL,
  REDIS_URL: VARIABLES.REDIS_URL,
  ABLATE_HOME: VARIABLES.ABLATE_HOME,
  ABLATE_DATA: VARIABLES.ABLATE_DATA,
  ...CHECKPOINT_VARIABLES,
  ABLATE_HOST: VARIABLES.ABLATE_HOST,
  ABLATE_PORT: VARIABLES.ABLATE_PORT,
  ABLATE_ALLOWED_HOSTS: z
    .string()
    .regex(/^[^\s,/:]+(,[^\s,/:]+)*$/, 'must be host names without ports, separated by commas')
    .optional()
    .describe(
      'Host names, separated by commas, at which the API may be reached beside localhost and the addresses of this machine: that of a proxy, or of the service in a container network. Requests to other names are refused.',
    ),
  ABLATE_LOG: VARIABLES.ABLATE_LOG,
});

/** Addresses that mean all addresses of the machine. */
const WILDCARDS = new Set(['0.0.0.0', '::']);

/** The API's settings. Throws UserError, naming each variable that is missing or invalid. */
export function readApiEnv(env: NodeJS.ProcessEnv) {
  const read = parseVariables(ApiVariables, env);
  const home = resolve(read.ABLATE_HOME ?? DEFAULT_HOME);
  return {
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    ...checkpointSettings(read, home),
    data: {
      folders: dataFolders({ data: read.ABLATE_DATA, repository: REPOSITORY, home }),
      cache: join(home, 'cache'),
    },
    host: read.ABLATE_HOST,
    port: read.ABLATE_PORT,
    allowedHosts: [
      ...(WILDCARDS.has(read.ABLATE_HOST) ? [] : [read.ABLATE_HOST]),
      ...(read.ABLATE_ALLOWED_HOSTS?.split(',') ?? []),
    ],
    logLevel: read.ABLATE_LOG,
  };
}
