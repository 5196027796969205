import { delimiter } from 'node:path';
import { addon } from './addon.mjs';
import { SetupError } from './command.mjs';
import { npmPackages } from './npm-packages.mjs';
import { postgresLinks } from './postgres-links.mjs';
import { explainMissing, missingTools } from './prerequisites.mjs';
import { prismaClient } from './prisma-client.mjs';
import { openProgress } from './progress.mjs';
import { tensorflow } from './tensorflow.mjs';
import { webPages } from './web.mjs';

/**
 * @typedef {object} Context
 * @property {string} repository
 * @property {boolean} production without packages that only development needs
 * @property {boolean} withRedis install a Redis if there is none
 * @property {'auto' | 'cpu' | 'gpu'} tensorflow
 * @property {(command: string, args: string[], options: import('./command.mjs').CommandOptions) => Promise<void>} run
 * @property {(line: string) => void} say
 */

/** @typedef {'npm' | 'tensorflow' | 'addon' | 'prisma' | 'postgres' | 'web'} StepName */

/**
 * @typedef {object} Step
 * @property {(context: Context) => string} title
 * @property {('prerequisites' | StepName)[]} needs
 * @property {import('./prerequisites.mjs').Tool[]} tools what must be on the machine
 * @property {(context: Context) => boolean} isDone
 * @property {(context: Context) => Promise<void>} run
 */

/** Steps in place of npm's install scripts, which do not run (.npmrc). @type {Record<StepName, Step>} */
const STEPS = {
  npm: npmPackages,
  tensorflow,
  addon,
  prisma: prismaClient,
  postgres: postgresLinks,
  web: webPages,
};

export const STEP_NAMES = /** @type {StepName[]} */ (Object.keys(STEPS));

/** The steps and all that they need. @type {(names: StepName[]) => StepName[]} */
export function withNeeds(names) {
  const wanted = new Set(names);
  for (const name of wanted) for (const need of STEPS[name].needs) if (need !== 'prerequisites') wanted.add(need);
  return STEP_NAMES.filter((name) => wanted.has(name));
}

/**
 * Runs those steps that are not done, concurrently unless one needs another. False if all were done.
 * @type {(names: StepName[], context: Context) => Promise<boolean>}
 */
export async function runSteps(names, context) {
  /** @type {StepName[]} */
  const pending = [];
  for (const name of names)
    if (STEPS[name].needs.some((need) => pending.some((other) => other === need)) || !STEPS[name].isDone(context))
      pending.push(name);
  if (pending.length === 0) return false;

  const progress = openProgress(names.length + 1, context.say);
  try {
    await progress.run(1, 'prerequisites', async () => checkPrerequisites(pending, context));
    await runPending(names, pending, { context, progress });
  } finally {
    progress.close();
  }
  return true;
}

/** @type {(pending: StepName[], context: Context) => void} */
function checkPrerequisites(pending, { withRedis, repository }) {
  const tools = new Set(pending.flatMap((name) => STEPS[name].tools));
  if (!withRedis) tools.delete('redis');
  const missing = missingTools([...tools]);
  if (missing.length > 0) throw new SetupError(explainMissing(missing));
  if (repository.includes(delimiter))
    throw new SetupError(
      `npm and Python look for programs in a list of paths separated by "${delimiter}", which ${repository} contains: move or rename it`,
    );
}

/**
 * @type {(
 *   names: StepName[],
 *   pending: StepName[],
 *   tools: { context: Context, progress: ReturnType<typeof openProgress> },
 * ) => Promise<void>}
 */
async function runPending(names, pending, { context, progress }) {
  /** @type {Map<string, Promise<void>>} */
  const running = new Map();
  for (const [index, name] of names.entries()) {
    const step = STEPS[name];
    const [number, title] = [index + 2, step.title(context)];
    if (!pending.includes(name)) {
      progress.done(number, `${title} … already done`);
      continue;
    }
    const needs = Promise.all(step.needs.map((need) => running.get(need)));
    running.set(
      name,
      needs.then(() => progress.run(number, title, () => step.run(context))),
    );
  }
  const ended = await Promise.allSettled(running.values()); // an error waits for the steps that still run
  const causes = new Set(ended.flatMap((end) => (end.status === 'rejected' ? [end.reason] : [])));
  for (const cause of causes) if (!(cause instanceof SetupError)) throw cause;
  if (causes.size > 0) throw new SetupError([...causes].map((cause) => cause.message).join('\n'));
}
