/**
 * A lock of one machine, held for as long as its process lives, however long that is stopped. Locks of shared folders
 * are in lock.ts. Plain JavaScript: set-up imports it before any package is installed.
 */
import { mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isRunning } from './process-identity.mjs';

const HALF_WRITTEN_MS = 10_000;

/**
 * The process that holds the lock file; null if the file is missing or its holder has ended.
 * @type {(path: string) => { pid: number } | null}
 */
function lockHolder(path) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null; // missing
  }
  try {
    const holder = JSON.parse(text);
    return isRunning(holder) ? { pid: holder.pid } : null;
  } catch {
    // Created and not yet filled, or cut short by a crash: only its age tells which.
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
 * Takes a lock file for this process, also from a holder that has ended. A stale file is removed only while a second,
 * short-lived lock is held, so that two processes cannot both take over.
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
