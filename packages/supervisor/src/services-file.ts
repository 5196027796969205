/** `services.json` in the home: the addresses of what `npm start` runs or was given, for the command line. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { VARIABLES } from '@ablate/contracts';
import { readState, writeState } from '@ablate/files';
import { z } from 'zod';

const Services = z
  .object({
    databaseUrl: VARIABLES.DATABASE_URL,
    readerUrl: VARIABLES.ABLATE_READER_URL,
    redisUrl: VARIABLES.REDIS_URL,
    apiUrl: z.url({ protocol: /^https?$/, error: 'must be an http:// address' }),
  })
  .partial();
type Services = z.infer<typeof Services>;

const fileIn = (home: string): string => join(home, 'services.json');

/** Empty while `npm start` does not run. Throws UserError, naming the file, if it is damaged. */
export const readServices = (home: string): Services => readState(fileIn(home), Services) ?? {};

export const writeServices = (home: string, services: Services): void => writeState(fileIn(home), services);

export const removeServices = (home: string): void => rmSync(fileIn(home));
