/** Folders that hold passwords. Plain JavaScript: set-up imports it before any package is installed. */
import { chmodSync, mkdirSync, statSync } from 'node:fs';

/**
 * Creates a folder that only its owner can list, read and write, and makes an existing one so; returns the mode that it had, if
 * that has changed. Root's folder can be passed through, since servers that root starts run under other accounts: what is inside
 * has its own mode. A folder of another owner stays as it is.
 * @type {(path: string) => { before: number } | null}
 */
export function makePrivateFolder(path) {
  const isRoot = process.getuid?.() === 0;
  mkdirSync(path, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  const { mode, uid } = statSync(path);
  const allowed = isRoot ? 0o711 : 0o700;
  if ((mode & 0o777 & ~allowed) === 0 || uid !== process.getuid?.()) return null;
  chmodSync(path, mode & 0o777 & allowed);
  return { before: mode & 0o777 };
}
