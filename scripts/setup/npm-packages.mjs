import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, dev?: boolean, peer?: boolean }} Package */

/** @type {(path: string) => Record<string, Package>} */
const packagesIn = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

/**
 * Whether node_modules matches the lockfile. npm writes its hidden lockfile last: an interrupted installation has none.
 * @type {(context: import('./steps.mjs').Context) => boolean}
 */
export function isInstalled({ repository, production }) {
  const hidden = join(repository, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = packagesIn(hidden);
  return Object.entries(packagesIn(join(repository, 'package-lock.json'))).every(
    ([path, wanted]) =>
      !path.startsWith('node_modules/') ||
      wanted.optional ||
      wanted.devOptional ||
      (production && wanted.dev) ||
      (path in installed &&
        installed[path]?.version === wanted.version &&
        installed[path]?.integrity === wanted.integrity),
  );
}

/** @type {import('./steps.mjs').Step} */
export const npmPackages = {
  title: () => 'npm packages',
  needs: ['prerequisites'],
  tools: ['node', 'npm'],
  isDone: isInstalled,
  run: ({ repository, production, run }) =>
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', production ? '--omit=dev' : '--include=dev'], {
      cwd: repository,
      remedy: 'Check that the npm registry is reachable (npm ping), then run it again: downloads are kept.',
    }),
};
