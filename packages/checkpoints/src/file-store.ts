/** A folder as a store: on this machine, or mounted by all machines. */
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { isMissingPath, readVerified, writeAtomically } from '@ablate/files';
import type { CheckpointStore, StoredFile } from './store.ts';

/** Symbolic links count as missing: a store holds files only. */
const unlessMissing = (error: NodeJS.ErrnoException): undefined => {
  if (isMissingPath(error) || error.code === 'ELOOP') return undefined;
  throw error;
};

/** If a trainer writes into the folder itself, `put` finds the file in its final path and copies nothing. */
export function openFileStore(folder: string): CheckpointStore {
  const root = resolve(folder);
  const pathOf = (key: string): string => {
    const path = join(root, key);
    if (relative(root, path).startsWith('..')) throw new Error(`invalid key ${key}`);
    return path;
  };

  return {
    address: `file:${root}`,
    folder: root,
    async check() {
      try {
        await mkdir(root, { recursive: true });
        await access(root, constants.R_OK | constants.X_OK);
        // Permissions do not say that the file system is read-only or full.
        await rm(await mkdtemp(join(root, '.check-')), { recursive: true });
      } catch (error) {
        throw new Error(`${root} is not writable: set ABLATE_CHECKPOINTS to a writable folder`, { cause: error });
      }
    },
    async put(key, path, file) {
      const target = pathOf(key);
      if (resolve(path) === target) return;
      await mkdir(dirname(target), { recursive: true });
      await writeAtomically(target, readVerified(path, file), {
        draft: `${target}.partial`,
        mode: 0o644,
        durable: true,
      });
    },
    async get(key) {
      const handle = await open(pathOf(key), constants.O_RDONLY | constants.O_NOFOLLOW).catch(unlessMissing);
      return handle === undefined ? null : { stream: handle.createReadStream(), bytes: (await handle.stat()).size };
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    async *list(prefix = ''): AsyncGenerator<StoredFile> {
      const [only] = prefix.split('/', 1);
      const runs = prefix.includes('/') && only ? [only] : ((await readdir(root).catch(unlessMissing)) ?? []);
      for (const run of runs)
        for (const file of (await readdir(join(root, run)).catch(unlessMissing)) ?? []) {
          const key = `${run}/${file}`;
          if (!key.startsWith(prefix)) continue;
          const found = await stat(join(root, key)).catch(unlessMissing);
          if (found?.isFile()) yield { key, bytes: found.size, modified: found.mtime };
        }
    },
    close: async () => undefined,
  };
}
