/** A folder as a store: of this machine, or one that all machines mount. */
import { constants } from 'node:fs';
import { access, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { isMissingPath, readVerified, writeAtomically } from '@ablate/files';
import type { CheckpointStore, StoredFile } from './store.ts';

/** Symbolic links count as missing: a store holds files only. */
const unlessMissing = (error: NodeJS.ErrnoException): undefined => {
  if (isMissingPath(error) || error.code === 'ELOOP') return undefined;
  throw error;
};

/** A trainer that works in the folder itself writes its files where they belong: then `put` has nothing to copy. */
export function openFileStore(folder: string): CheckpointStore {
  const root = resolve(folder);
  const pathOf = (key: string): string => {
    const path = join(root, key);
    if (relative(root, path).startsWith('..')) throw new Error(`${key} is no key`);
    return path;
  };

  return {
    address: `file:${root}`,
    folder: root,
    async check() {
      try {
        await mkdir(root, { recursive: true });
        await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
      } catch (error) {
        throw new Error(`${root} cannot be written to: set ABLATE_CHECKPOINTS to a folder that can`, { cause: error });
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
