/** A folder as a store: of this machine, or one that all machines mount. */
import { constants, createWriteStream } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { CheckpointStore, StoredFile } from './store.ts';
import { verified } from './verified.ts';

const unlessMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT' || error.code === 'ELOOP' || error.code === 'ENOTDIR') return undefined;
  throw error;
};

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

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
      const partial = `${target}.partial`;
      try {
        await pipeline(verified(path, file), createWriteStream(partial, { mode: 0o644, flush: true }));
        await rename(partial, target);
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
      await sync(dirname(target));
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
