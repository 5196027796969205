import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, isStamped, stamp } from './stamp.mjs';

/** @typedef {import('./steps.mjs').Context} Context */

/** @type {(context: Context) => string} */
const stampFile = ({ repository }) => join(repository, '.ablate', 'prisma-client.stamp');

/** @type {(context: Context) => string} */
const print = ({ repository }) => {
  const lock = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8'));
  const { version } = lock.packages['node_modules/prisma'];
  return fingerprint(version, { file: join(repository, 'prisma', 'schema.prisma') });
};

/** @type {import('./steps.mjs').Step} */
export const prismaClient = {
  title: () => 'Prisma client',
  needs: ['npm'],
  tools: ['node', 'npm'],
  isDone: (context) =>
    existsSync(join(context.repository, 'packages', 'db', 'src', 'generated', 'client.ts')) &&
    isStamped(stampFile(context), print(context)),
  run: async (context) => {
    await context.run('npm', ['exec', '--no', '--', 'prisma', 'generate'], {
      cwd: context.repository,
      env: {
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, // never run, but if it is unset an engine is downloaded
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
      remedy: 'No client was generated from prisma/schema.prisma.',
    });
    stamp(stampFile(context), print(context));
  },
};
