import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, isStamped, stamp } from './stamp.mjs';

/** @typedef {import('./steps.mjs').Context} Context */

/** What the pages are built from. */
const SOURCES = ['apps/web/src', 'packages/contracts/src', 'packages/answers/src', 'packages/statistics/src'];
const FILES = ['apps/web/index.html', 'apps/web/vite.config.ts', 'apps/web/package.json'];

/** @type {(context: Context) => string} */
const stampFile = ({ repository }) => join(repository, 'apps', 'web', 'dist', '.stamp');

/** @type {(context: Context) => string} */
function print({ repository }) {
  const lock = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8'));
  const sources = SOURCES.filter((folder) => existsSync(join(repository, folder))).flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort(),
  );
  const files = [...FILES.map((file) => join(repository, file)), ...sources];
  return fingerprint(
    lock.packages['node_modules/vite'].version,
    ...files.flatMap((file) => [file.slice(repository.length), { file }]),
  );
}

/** @type {import('./steps.mjs').Step} */
export const webPages = {
  title: () => 'pages',
  needs: ['npm'],
  tools: ['node', 'npm'],
  isDone: (context) => existsSync(stampFile(context)) && isStamped(stampFile(context), print(context)),
  run: async (context) => {
    await context.run(
      'npm',
      ['exec', '--no', '--', 'vite', 'build', 'apps/web', '--config', 'apps/web/vite.config.ts', '--logLevel', 'error'],
      {
        cwd: context.repository,
        remedy: 'The pages were not built; the API, the command line and SQL work without them.',
      },
    );
    stamp(stampFile(context), print(context));
  },
};
