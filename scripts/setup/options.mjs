import { parseArgs } from 'node:util';
import { SetupError } from './command.mjs';
import { STEP_NAMES } from './steps.mjs';

export const HELP = `Usage: npm run setup -- [options]
  --only STEPS       comma-separated steps, run with those that they need: ${STEP_NAMES.join(', ')}
  --tensorflow KIND  TensorFlow to install on Linux x86-64: auto (default), cpu or gpu
  --omit-dev         skip packages that only development and tests need
  --no-redis         do not install a Redis server`;

/** Null for --help. Throws SetupError, or the error of parseArgs.
 * @type {(args: string[]) => import('./set-up.mjs').SetupOptions | null} */
export function parseOptions(args) {
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
    throw new SetupError(`--tensorflow must be auto, cpu or gpu, not "${tensorflow}"`);
  const only = values.only?.split(',').map((word) => {
    const step = STEP_NAMES.find((name) => name === word);
    if (!step) throw new SetupError(`--only: unknown step "${word}"; steps are ${STEP_NAMES.join(', ')}`);
    return step;
  });
  return { only, tensorflow, production: values['omit-dev'] ?? false, withRedis: !values['no-redis'] };
}
