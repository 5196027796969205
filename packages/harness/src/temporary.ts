import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();

/** `maxRetries`: a process that is ending may still be closing its last file. */
const remove = (path: string) => rmSync(path, { recursive: true, force: true, maxRetries: 3 });

process.on('exit', () => folders.forEach(remove));

/** Removes a folder or file when this process exits: after every `t.after`, which may still stop a server in it. */
export function removeAtExit(path: string): void {
  folders.add(path);
}

/**
 * A new temporary folder that other accounts may enter (PostgreSQL does not run as root). It is removed when this process
 * exits, not in `t.after`: those hooks run in the order of registration, and a server may still use the folder. A process
 * that creates many calls `remove` for each once nothing uses it.
 */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'ablate-'));
  chmodSync(path, 0o711);
  removeAtExit(path);
  return {
    path,
    remove: () => {
      remove(path);
      folders.delete(path);
    },
  };
}
