/** The packed copies in the cache. */
import { readdir, rm, stat } from 'node:fs/promises';
import { isMissingPath, nullIfMissing, withLock } from '@ablate/files';
import { readManifest } from './cache.ts';
import { file, type Manifest, type PackedPath } from './files.ts';
import { PACK_VERSION } from './open.ts';

/** `manifest`: null if the copy is unfinished, or was made by a version that packs in another way. */
export type PackedCopy = {
  copy: PackedPath;
  name: string;
  bytes: number;
  manifest: Manifest | null;
  state: 'usable' | 'unfinished' | 'outdated';
};

const FILE = /^(.+)\.(bin|json|part|journal)$/;
/** What follows the data set's name in the stem of a copy. */
const KEY = /(-v\d+)?(-[0-9a-f]{16})?$/;

const sizeOf = async (name: string): Promise<number> => (await nullIfMissing(stat(name)))?.size ?? 0;

async function describe(copy: PackedPath): Promise<PackedCopy> {
  const found = await readManifest(copy);
  const manifest = found?.version === PACK_VERSION ? found : null;
  const [bin, part] = await Promise.all([sizeOf(file(copy, 'bin')), sizeOf(file(copy, 'part'))]);
  return {
    copy,
    name: found?.name ?? copy.stem.replace(KEY, ''),
    bytes: bin + part,
    manifest,
    state: manifest ? 'usable' : bin > 0 ? 'outdated' : 'unfinished',
  };
}

/** The packed copies in a cache folder, by name; those of older versions too. */
export async function packedCopies(folder: string): Promise<PackedCopy[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissingPath(error)) return [];
    throw error;
  });
  const stems = new Set(names.flatMap((name) => FILE.exec(name)?.[1] ?? []));
  const copies: PackedCopy[] = [];
  for (const stem of [...stems].sort()) copies.push(await describe({ folder, stem }));
  return copies;
}

/** Removes a packed copy. Waits until no process packs it. A run that reads the copy from its file fails, and packs it again when it is retried. */
export const removeCopy = (
  { copy }: PackedCopy,
  { onWait, signal }: { onWait?: () => void; signal?: AbortSignal } = {},
): Promise<void> =>
  withLock(file(copy, 'lock'), { signal, onWait }, async () => {
    for (const extension of ['json', 'bin', 'journal', 'part'] as const)
      await rm(file(copy, extension), { force: true });
  });
