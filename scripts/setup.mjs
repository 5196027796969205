/**
 * Makes a fresh clone ready to run: npm packages, TensorFlow, the add-on, the Prisma client, PostgreSQL. Only what is missing is done, so
 * it can be run again at any point. Node's own modules only: nothing is installed yet.
 */
import { parseArgs } from 'node:util';
import { SetupError } from './setup/command.mjs';
import { orExplain, setUp } from './setup/set-up.mjs';
import { STEP_NAMES } from './setup/steps.mjs';

const HELP = `Usage: npm run setup -- [options]
  --only STEPS       some steps and what they need, with commas between: ${STEP_NAMES.join(', ')}
  --tensorflow KIND  auto (default), cpu or gpu: which TensorFlow to install on Linux x86-64
  --omit-dev         leave out what only development and tests need
  --no-redis         do not bring a Redis server where there is none`;

/** @type {(args: string[]) => import('./setup/set-up.mjs').SetupOptions | null} */
function parse(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      tensorflow: { type: 'string' },
      'omit-dev': { type: 'boolean' },
      'no-redis': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return null;
  const { tensorflow = 'auto' } = values;
  if (tensorflow !== 'auto' && tensorflow !== 'cpu' && tensorflow !== 'gpu')
    throw new SetupError(`--tensorflow is auto, cpu or gpu, not "${tensorflow}"`);
  const only = values.only?.split(',').map((word) => {
    const step = STEP_NAMES.find((name) => name === word);
    if (!step) throw new SetupError(`--only: there is no step "${word}", but ${STEP_NAMES.join(', ')}`);
    return step;
  });
  return { only, tensorflow, production: values['omit-dev'] ?? false, withRedis: !values['no-redis'] };
}

await orExplain(async () => {
  const options = parse(process.argv.slice(2));
  if (options) await setUp(options);
  else console.log(HELP);
});
