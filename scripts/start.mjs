/** `npm start`: set-up, then the supervisor, in this process. */
import { parseArgs } from 'node:util';
import { SetupError } from './setup/command.mjs';
import { orExplain, setUp } from './setup/set-up.mjs';

const HELP = `Usage: npm start -- [options]
  Installs what is missing, then runs the API, the workers, and PostgreSQL and Redis unless DATABASE_URL and REDIS_URL
  are set. If the database is empty, trains the sample sweep. Ctrl-C saves running runs and stops everything.
  --no-sample    skip the sample sweep
  --port N       port of the API (default: ABLATE_PORT, else 3000)
  --workers N    worker processes, which share the cores (default: 1)`;

/** @type {(name: string, text: string | undefined, most: number) => number | undefined} */
function whole(name, text, most) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new SetupError(`--${name} must be a whole number from 1 to ${most}, not "${text}"`);
  return number;
}

await orExplain(async () => {
  const { values } = parseArgs({
    options: {
      'no-sample': { type: 'boolean' },
      port: { type: 'string' },
      workers: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const port = whole('port', values.port, 65_535);
  const workers = whole('workers', values.workers, 64) ?? 1;
  await setUp();
  const { register } = await import('tsx/esm/api');
  register();
  const { start } = await import('../apps/cli/src/start/start.ts');
  process.exitCode = await start({ sample: !values['no-sample'], port, workers });
});
