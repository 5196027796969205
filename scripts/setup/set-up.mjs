import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { takeLock } from '../../packages/files/src/process-lock.mjs';
import { commandRunner, SetupError } from './command.mjs';
import { explainMissing, missingTools } from './prerequisites.mjs';
import { seconds } from './progress.mjs';
import { runSteps, STEP_NAMES, withNeeds } from './steps.mjs';

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Waits for a set-up that somebody else runs in this checkout. @type {(say: (line: string) => void) => Promise<() => void>} */
async function waitForLock(say) {
  for (let waited = false; ; waited = true) {
    const lock = takeLock(join(repository, '.ablate', 'setup.lock'));
    if ('release' in lock) return lock.release;
    if (!waited) say(`Set-up: waiting for the one that is running (process ${lock.heldBy}).`);
    await sleep(500);
  }
}

/**
 * @typedef {object} SetupOptions
 * @property {import('./steps.mjs').StepName[]} [only]
 * @property {'auto' | 'cpu' | 'gpu'} [tensorflow]
 * @property {boolean} [production]
 * @property {boolean} [withRedis]
 * @property {boolean} [quiet] say nothing when there is nothing to do
 */

/**
 * Throws SetupError with what the user can do about it.
 * @type {(options?: SetupOptions) => Promise<void>}
 */
export async function setUp({
  only = STEP_NAMES,
  tensorflow = 'auto',
  production = false,
  withRedis = true,
  quiet = false,
} = {}) {
  /** @type {(line: string) => void} */
  const say = (line) => console.log(line);
  if (missingTools(['node']).length > 0)
    throw new SetupError(`${explainMissing(['node'])}\n    This is Node.js ${process.versions.node}.`);
  const began = performance.now();
  const release = await waitForLock(say);
  try {
    const run = commandRunner(join(repository, '.ablate', 'setup.log'));
    const context = { repository, production, withRedis, tensorflow, run, say };
    const worked = await runSteps(withNeeds(only), context);
    if (worked || !quiet)
      say(`Set-up: ${worked ? 'done' : 'everything is there'} (${seconds(performance.now() - began)})`);
  } finally {
    release();
  }
}

/** Runs work that may end in an error for the user, which is printed alone; every other error keeps its stack.
 * @type {(work: () => Promise<void>) => Promise<void>} */
export async function orExplain(work) {
  try {
    await work();
  } catch (error) {
    const isUsage = /^ERR_PARSE_ARGS/.test(/** @type {NodeJS.ErrnoException} */ (error).code ?? '');
    if (!(error instanceof Error) || !(isUsage || error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
