/** Lists the files of a folder. Links are followed: those who may write into a data folder decide what is in it. */
import { type Dirent, type Stats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { DatasetError } from '../dataset.ts';
import { isSystemName } from './file-kinds.ts';
import type { LeftOutFiles } from './left-out.ts';

/** `path` is relative, with forward slashes. */
export type FolderFile = {
  path: string;
  full: string;
  size: number;
  /** Changes whenever the content does: size, and times of modification and of change of the inode, which no program can set. */
  stamp: string;
  /** Why the file cannot be read: a link to a missing file. */
  problem?: string;
};

/** Files and folders in a data set whose files contain many images each. */
export const MAX_SHARDS = 100_000;

/** Files between two visits of the event loop: a `stat` takes about 3 µs. */
const BATCH = 1000;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** What a path leads to, links followed; or the code of the error. */
function follow(full: string): Stats | string {
  try {
    return statSync(full, { throwIfNoEntry: false }) ?? 'ENOENT';
  } catch (error) {
    return codeOf(error);
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'is a link to a missing file',
  ELOOP: 'is a link in a circle',
  EACCES: 'cannot be opened: permission denied',
};

/**
 * Files below a folder in a fixed order, in batches. Hidden files, files of the operating system, links in a circle and special
 * files are left out.
 * @param limit files and folders at most
 * @throws DatasetError above the limit, and if a folder cannot be read
 */
export async function* walkFolder(
  root: string,
  { limit, leftOut }: { limit: number; leftOut?: LeftOutFiles },
): AsyncGenerator<FolderFile[]> {
  let entries = 0;
  let batch: FolderFile[] = [];

  async function childrenOf(folder: string, relative: string): Promise<Dirent[]> {
    let children: Dirent[];
    try {
      children = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      throw new DatasetError(`${relative || folder}: cannot read the folder (${codeOf(error)})`);
    }
    entries += children.length;
    if (entries > limit) throw new DatasetError(`refused: more than ${limit} entries`);
    return children.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Counts hidden files. Links are not followed here. */
  async function leaveOut(child: Dirent, full: string, relative: string): Promise<void> {
    if (!child.isDirectory()) return leftOut?.add('hidden', relative);
    const children = await childrenOf(full, relative).catch((error: unknown) => {
      if (entries > limit) throw error;
      return []; // lost+found belongs to root
    });
    for (const inner of children) await leaveOut(inner, path.join(full, inner.name), `${relative}/${inner.name}`);
  }

  async function* visit(folder: string, prefix: string, above: readonly string[]): AsyncGenerator<FolderFile[]> {
    for (const child of await childrenOf(folder, prefix)) {
      const full = path.join(folder, child.name);
      const relative = prefix + child.name;
      if (isSystemName(child.name)) {
        await leaveOut(child, full, relative);
        continue;
      }
      const found = follow(full);
      if (typeof found === 'string') {
        const problem = PROBLEMS[found] ?? `cannot be opened (${found})`;
        // Without a link, the file has just been removed, or its name is not UTF-8.
        if (child.isSymbolicLink() || found !== 'ENOENT')
          batch.push({ path: relative, full, size: 0, stamp: problem, problem });
        else leftOut?.add('missing', relative);
      } else if (found.isDirectory()) {
        const id = `${found.dev}:${found.ino}`;
        if (above.includes(id)) leftOut?.add('special', relative);
        else yield* visit(full, `${relative}/`, [...above, id]);
      } else if (found.isFile()) {
        const { size, mtimeMs, ctimeMs } = found;
        batch.push({ path: relative, full, size, stamp: `${size} ${mtimeMs} ${ctimeMs}` });
      } else leftOut?.add('special', relative);
      if (batch.length >= BATCH) {
        yield batch;
        batch = [];
        await breathe();
      }
    }
  }

  const own = follow(root);
  yield* visit(root, '', typeof own === 'string' ? [] : [`${own.dev}:${own.ino}`]);
  if (batch.length > 0) yield batch;
}
