/** Folders whose paths mean the same to make, compilers and shells, quoted or not. Plain JavaScript: set-up imports it before any package is installed. */
import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** @type {(path: string) => boolean} */
export const isPlainPath = (path) => /^[\w./@+,=-]+$/.test(path);

/** Where a temporary folder may be, best first. */
const places = () => [tmpdir(), '/tmp', '/var/tmp', join(homedir(), '.cache')];

/**
 * Makes a temporary folder with a plain path; the caller removes it. Throws Error if every place has special characters, or
 * cannot be written to.
 * @type {(prefix: string) => string}
 */
export function makePlainFolder(prefix) {
  /** @type {string[]} */
  const reasons = [];
  for (const place of new Set(places()))
    try {
      mkdirSync(place, { recursive: true });
      const path = realpathSync(place);
      if (isPlainPath(path)) return mkdtempSync(join(path, prefix));
      reasons.push(`${path} has special characters`);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  throw new Error(
    `no temporary folder has a path of letters, digits and . _ - alone: set TMPDIR to one (${reasons.join('; ')})`,
  );
}
