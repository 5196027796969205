/** Where data sets are looked for, and by which names and formats. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { cifarBinarySamples } from './cifar-binary.ts';
import type { Sample } from './dataset.ts';
import { type Entry, folderEntries, tarEntries } from './entries.ts';
import { imageFolderSamples } from './image-folder.ts';

type Format = 'image-folder' | 'cifar-binary';

/** A data set as it was found: the file or folder that holds it. */
export type Source = { name: string; path: string; format: Format; container: 'tar' | 'folder' };

const readers: Record<Format, (entries: AsyncIterable<Entry>) => AsyncIterable<Sample>> = {
  'image-folder': imageFolderSamples,
  'cifar-binary': cifarBinarySamples,
};

/** Every image of a source. Throws DatasetError on whatever the source should not hold. */
export const sourceSamples = ({ path, format, container }: Source): AsyncIterable<Sample> =>
  readers[format](container === 'tar' ? tarEntries(path) : folderEntries(path));

type Candidate = { file: string; format: Format; container: Source['container'] };

/** Names that a data set may have in a folder, best first. */
const candidates = (name: string): Candidate[] => [
  ...(name === 'cifar10'
    ? ([
        { file: 'cifar-10-binary.tar.gz', format: 'cifar-binary', container: 'tar' },
        { file: 'cifar-10-batches-bin', format: 'cifar-binary', container: 'folder' },
      ] as const)
    : []),
  ...['.tar', '.tar.gz', '.tgz', '-imagefolder.tar', '-imagefolder.tar.gz'].map(
    (ending): Candidate => ({ file: name + ending, format: 'image-folder', container: 'tar' }),
  ),
  { file: name, format: 'image-folder', container: 'folder' },
];

async function kindOf(name: string): Promise<Source['container'] | null> {
  const found = await stat(name).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  });
  return found?.isFile() ? 'tar' : found?.isDirectory() ? 'folder' : null;
}

/** Folders of a search path, in order: those of `ABLATE_DATA` (separated as PATH is), `<repository>/../shared/data`, `<home>/data`. */
export const dataFolders = ({
  data,
  repository,
  home,
}: {
  data?: string;
  repository: string;
  home: string;
}): string[] => [
  ...(data ?? '').split(path.delimiter).filter((folder) => folder !== ''),
  path.resolve(repository, '../shared/data'),
  path.join(home, 'data'),
];

/** Find a data set by name. A folder of the search path may also be the data set's own file or folder. */
export async function findDataset(name: string, { folders }: { folders: readonly string[] }): Promise<Source | null> {
  for (const folder of folders)
    for (const { file, format, container } of candidates(name))
      for (const place of [path.join(folder, file), ...(path.basename(folder) === file ? [folder] : [])])
        if ((await kindOf(place)) === container) return { name, path: path.resolve(place), format, container };
  return null;
}

/** Path, size and time of the file, or of the folders of a folder, so that adding or removing a file is seen without reading all of them. */
async function stamps(place: string, depth: number): Promise<string[]> {
  const { size, mtimeMs } = await stat(place);
  const own = `${place} ${size} ${mtimeMs}`;
  if (depth === 0) return [own];
  const children = await readdir(place, { withFileTypes: true });
  const inner = children.filter((c) => c.isDirectory() || c.name.endsWith('.bin')).map((c) => path.join(place, c.name));
  const below = await Promise.all(inner.map(async (c) => stamps(c, (await stat(c)).isDirectory() ? depth - 1 : 0)));
  return [own, ...below.flat().sort()];
}

/** Changes whenever the source may have: a packed copy is good for as long as its key. */
export async function sourceKey(source: Source, version: number): Promise<string> {
  const seen = await stamps(source.path, source.container === 'folder' ? 3 : 0);
  return createHash('sha256')
    .update(JSON.stringify([version, source.format, seen]))
    .digest('hex')
    .slice(0, 16);
}
