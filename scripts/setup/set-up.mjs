import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePrivateFolder } from '../../packages/files/src/private-folder.mjs';
import { takeLock } from '../../packages/files/src/process-lock.mjs';
import { DEFAULT_HOME, REPOSITORY } from '../../packages/files/src/repository.mjs';
import { commandRunner, SetupError } from './command.mjs';
import { explainMissing, missingTools } from './prerequisites.mjs';
import { seconds } from './progress.mjs';
import { runSteps, STEP_NAMES, withNeeds } from './steps.mjs';

/** Waits until no other process sets up this checkout. @type {(say: (line: string) => void) => Promise<() => void>} */
async function waitForLock(say) {
  for (let waited = false; ; waited = true) {
    const lock = takeLock(join(DEFAULT_HOME, 'setup.lock'));
    if ('release' in lock) return lock.release;
    if (!waited) say(`Set-up: waiting for another set-up (process ${lock.heldBy}).`);
    await sleep(500);
  }
}

/**
 * @typedef {object} SetupOptions
 * @property {import('./steps.mjs').StepName[]} [only]
 * @property {'auto' | 'cpu' | 'gpu'} [tensorflow]
 * @property {boolean} [production]
 * @property {boolean} [withRedis]
 * @property {boolean} [quiet] print nothing if there is nothing to do
 */

/**
 * Runs the steps that are not done. Throws SetupError, with what to do.
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
  makePrivateFolder(DEFAULT_HOME);
  const release = await waitForLock(say);
  try {
    const run = commandRunner(join(DEFAULT_HOME, 'setup.log'));
    const context = { repository: REPOSITORY, production, withRedis, tensorflow, run, say };
    const worked = await runSteps(withNeeds(only), context);
    if (worked || !quiet) say(`Set-up: ${worked ? 'done' : 'up to date'} (${seconds(performance.now() - began)})`);
  } finally {
    release();
  }
}

/** Prints a SetupError, or a usage error, without its stack, and sets the exit code; rethrows every other error.
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
