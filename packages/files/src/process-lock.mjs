/** Plain JavaScript: the set-up needs it before any package is installed. */
import { mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isRunning } from './process-identity.mjs';

const HALF_WRITTEN_MS = 10_000;

/**
 * Who holds the lock file; null when it is absent or its holder has died.
 * @type {(path: string) => { pid: number } | null}
 */
export function lockHolder(path) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null; // absent
  }
  try {
    const holder = JSON.parse(text);
    return isRunning(holder) ? { pid: holder.pid } : null;
  } catch {
    // created but not yet filled, or cut short by a crash: only its age tells
    return Date.now() - statSync(path).mtimeMs < HALF_WRITTEN_MS ? { pid: 0 } : null;
  }
}

/** @type {(path: string) => boolean} */
function create(path) {
  try {
    writeFileSync(path, JSON.stringify(identify(process.pid)), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Takes a lock file for this process, also from a holder that has died. Stale files are removed only inside a second,
 * short-lived lock, so that two processes can never both take over.
 * @type {(path: string) => { release: () => void } | { heldBy: number }}
 */
export function takeLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  if (!create(path)) {
    const holder = lockHolder(path);
    if (holder) return { heldBy: holder.pid };
    const takeover = `${path}.takeover`;
    if (!create(takeover)) {
      const other = lockHolder(takeover);
      if (other) return { heldBy: other.pid };
      unlinkSync(takeover);
      return takeLock(path);
    }
    try {
      const meanwhile = lockHolder(path);
      if (meanwhile) return { heldBy: meanwhile.pid };
      unlinkSync(path);
      if (!create(path)) return { heldBy: lockHolder(path)?.pid ?? 0 };
    } finally {
      unlinkSync(takeover);
    }
  }
  return { release: () => unlinkSync(path) };
}
