/** `services.json` in the home: the addresses of what `npm start` runs or was given, for the command line. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { VARIABLES } from '@ablate/contracts';
import { readState, writePrivately, writeState } from '@ablate/files';
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

/** A file of libpq's connection services, for psql: the password is neither on the screen nor in the arguments of a process. */
export const psqlServiceFile = (home: string): string => join(home, 'pg_service.conf');
export const PSQL_SERVICE = 'ablate';

/** The parameters of a connection string, one a line (PostgreSQL's manual, "The Connection Service File"). */
function psqlService(readerUrl: string): string {
  const { hostname, port, pathname, username, password, searchParams } = new URL(readerUrl);
  const parameters = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port,
    dbname: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    ...Object.fromEntries(searchParams),
  };
  const lines = Object.entries(parameters).flatMap(([name, value]) =>
    value === '' || /[\r\n]/.test(name + value) ? [] : [`${name}=${value}`],
  );
  return `${[`[${PSQL_SERVICE}]`, ...lines].join('\n')}\n`;
}

/** Writes `services.json`, and a service for psql if there is a read-only role. */
export function writeServices(home: string, services: Services): void {
  writeState(fileIn(home), services);
  if (services.readerUrl) writePrivately(psqlServiceFile(home), psqlService(services.readerUrl));
}

export function removeServices(home: string): void {
  rmSync(fileIn(home));
  rmSync(psqlServiceFile(home), { force: true });
}
