import { parseArgs } from 'node:util';
import { SetupError } from './command.mjs';
import { STEP_NAMES } from './steps.mjs';

export const HELP = `Usage: npm run setup -- [options]
  --only STEPS       some steps and what they need, with commas between: ${STEP_NAMES.join(', ')}
  --tensorflow KIND  auto (default), cpu or gpu: which TensorFlow to install on Linux x86-64
  --omit-dev         leave out what only development and tests need
  --no-redis         do not bring a Redis server where there is none`;

/** Null when help is asked for. Throws SetupError, or the error of parseArgs.
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
    throw new SetupError(`--tensorflow is auto, cpu or gpu, not "${tensorflow}"`);
  const only = values.only?.split(',').map((word) => {
    const step = STEP_NAMES.find((name) => name === word);
    if (!step) throw new SetupError(`--only: there is no step "${word}", but ${STEP_NAMES.join(', ')}`);
    return step;
  });
  return { only, tensorflow, production: values['omit-dev'] ?? false, withRedis: !values['no-redis'] };
}
