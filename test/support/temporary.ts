import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();

/** `maxRetries`, since a process that was told to end may still be closing its last file. */
const remove = (path: string) => rmSync(path, { recursive: true, force: true, maxRetries: 3 });

process.on('exit', () => folders.forEach(remove));

/**
 * A folder of the test's own, which other accounts may pass through (PostgreSQL does not run as root). It goes when
 * this process ends, since `t.after` runs in the order of registration: a folder removed by it would go before the
 * server that was started in it later. `remove` is for a process that makes many, once nothing runs in it any more.
 */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'ablate-'));
  chmodSync(path, 0o711);
  folders.add(path);
  return {
    path,
    remove: () => {
      remove(path);
      folders.delete(path);
    },
  };
}
