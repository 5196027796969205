/** Finds data sets in folders, by name and format. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isMissingPath, nullIfMissing } from '@ablate/files';
import { DatasetError, type Sample } from '../dataset.ts';
import { type Entry, folderEntries, tarEntries } from './entries.ts';
import { OFFICIAL_FILES } from './official.ts';
import { cifarBinarySamples } from './readers/cifar-binary.ts';
import { idxSamples } from './readers/idx.ts';
import { imageFolderSamples } from './readers/image-folder.ts';
import { parquetSamples } from './readers/parquet.ts';
import { webdatasetSamples } from './readers/webdataset.ts';

type Format = 'image-folder' | 'cifar10-binary' | 'cifar100-binary' | 'idx' | 'webdataset' | 'parquet' | 'cifar-python';

/** A data set that was found: the file or folder that contains it. */
export type Source = { name: string; path: string; format: Format; container: 'tar' | 'folder' };

type IsWanted = (className: string) => boolean;

const entriesOf = ({ container, path }: Source): AsyncIterable<Entry> =>
  container === 'tar' ? tarEntries(path) : folderEntries(path);

/** Loading a pickle runs code from it, so none is loaded. */
async function* refusePickle({ name, path: found }: Source): AsyncGenerator<Sample> {
  const official = Object.values(OFFICIAL_FILES).find(({ file }) => file.startsWith(name.replace('cifar', 'cifar-')));
  yield* [];
  throw new DatasetError(
    `${path.basename(found)}: the Python version is a pickle, which can run code, and is not supported; download the binary version${official ? `, ${official.url}` : ''} (the same images) to the same folder`,
  );
}

const readers: Record<Format, (source: Source, isWanted: IsWanted) => AsyncIterable<Sample>> = {
  'image-folder': (source, isWanted) => imageFolderSamples(entriesOf(source), isWanted),
  'cifar10-binary': (source) => cifarBinarySamples(entriesOf(source), 'cifar10'),
  'cifar100-binary': (source) => cifarBinarySamples(entriesOf(source), 'cifar100'),
  idx: (source) => idxSamples(entriesOf(source)),
  webdataset: ({ path }) => webdatasetSamples(path),
  parquet: ({ path }) => parquetSamples(path),
  'cifar-python': refusePickle,
};

/** The source's images of the wanted classes, in its order. @throws DatasetError on invalid content */
export async function* sourceSamples(source: Source, isWanted: IsWanted = () => true): AsyncGenerator<Sample> {
  for await (const sample of readers[source.format](source, isWanted)) if (isWanted(sample.className)) yield sample;
}

type Candidate = { file: string; format: Format | 'detect'; container: Source['container'] };

const OFFICIAL_NAMES: Readonly<Record<string, readonly Candidate[]>> = {
  cifar10: [
    { file: 'cifar-10-binary.tar.gz', format: 'cifar10-binary', container: 'tar' },
    { file: 'cifar-10-batches-bin', format: 'cifar10-binary', container: 'folder' },
  ],
  cifar100: [
    { file: 'cifar-100-binary.tar.gz', format: 'cifar100-binary', container: 'tar' },
    { file: 'cifar-100-binary', format: 'cifar100-binary', container: 'folder' },
  ],
};
const PYTHON_NAMES: Readonly<Record<string, readonly Candidate[]>> = {
  cifar10: [
    { file: 'cifar-10-python.tar.gz', format: 'cifar-python', container: 'tar' },
    { file: 'cifar-10-batches-py', format: 'cifar-python', container: 'folder' },
  ],
  cifar100: [
    { file: 'cifar-100-python.tar.gz', format: 'cifar-python', container: 'tar' },
    { file: 'cifar-100-python', format: 'cifar-python', container: 'folder' },
  ],
};

/** File names that a data set may have in a folder, best first. */
const candidates = (name: string): Candidate[] => [
  ...(OFFICIAL_NAMES[name] ?? []),
  ...['.tar', '.tar.gz', '.tgz', '-imagefolder.tar', '-imagefolder.tar.gz'].map(
    (ending): Candidate => ({ file: name + ending, format: 'image-folder', container: 'tar' }),
  ),
  { file: name, format: 'detect', container: 'folder' },
  { file: `${name}-imagefolder`, format: 'image-folder', container: 'folder' },
];

const FOLDER_FORMATS: readonly { format: Format; file: RegExp }[] = [
  { format: 'cifar10-binary', file: /(^|\/)data_batch_1\.bin$/ },
  { format: 'cifar100-binary', file: /(^|\/)fine_label_names\.txt$/ },
  { format: 'cifar-python', file: /(^|\/)(data_batch_1|batches\.meta)$/ },
  { format: 'idx', file: /[-.]idx[13][-.]ubyte(\.gz)?$/i },
  { format: 'parquet', file: /\.parquet$/i },
  { format: 'webdataset', file: /\.(tar|tar\.gz|tgz)$/i },
];

/** Files of a folder and of its direct subfolders. */
async function filesNear(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const child of await readdir(folder, { withFileTypes: true })) {
    if (child.isFile()) files.push(child.name);
    else if (child.isDirectory())
      for (const inner of await readdir(path.join(folder, child.name), { withFileTypes: true }))
        if (inner.isFile()) files.push(`${child.name}/${inner.name}`);
  }
  return files;
}

async function formatOf(folder: string): Promise<Format> {
  const files = await filesNear(folder);
  return FOLDER_FORMATS.find(({ file }) => files.some((name) => file.test(name)))?.format ?? 'image-folder';
}

async function kindOf(name: string): Promise<Source['container'] | null> {
  const found = await stat(name).catch((error: unknown) => {
    if (isMissingPath(error)) return null;
    throw error;
  });
  return found?.isFile() ? 'tar' : found?.isDirectory() ? 'folder' : null;
}

/** The search path, in order: the folders in `ABLATE_DATA` (separated as PATH is), `<repository>/../shared/data`, `<home>/data`. */
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

/**
 * Find a data set by name. An entry of the search path may also be the data set's own file or folder. The format of a folder is
 * detected from its files. A Python version, which reading rejects, is found only if there is no other.
 */
export async function findDataset(name: string, { folders }: { folders: readonly string[] }): Promise<Source | null> {
  for (const wanted of [candidates(name), PYTHON_NAMES[name] ?? []])
    for (const folder of folders)
      for (const { file, format, container } of wanted)
        for (const found of [path.join(folder, file), ...(path.basename(folder) === file ? [folder] : [])])
          if ((await kindOf(found)) === container)
            return {
              name,
              path: path.resolve(found),
              format: format === 'detect' ? await formatOf(found) : format,
              container,
            };
  return null;
}

/** Names of the data sets in the folders. */
export async function datasetsIn(folders: readonly string[]): Promise<string[]> {
  const names = new Set<string>();
  for (const folder of folders) {
    const children = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (isMissingPath(error)) return [];
      throw error;
    });
    for (const child of children) {
      const official = Object.entries({ ...OFFICIAL_NAMES }).find(([name, found]) =>
        [...found, ...(PYTHON_NAMES[name] ?? [])].some(({ file }) => file === child.name),
      )?.[0];
      const archive = /^(.*?)(-imagefolder)?\.(tar|tar\.gz|tgz)$/.exec(child.name)?.[1];
      const name = official ?? (child.isDirectory() ? child.name.replace(/-imagefolder$/, '') : archive);
      if (name && /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) names.add(name);
    }
  }
  return [...names].sort();
}

/** Path, size and modification time of a file; of a folder, also of its subfolders and of the files that contain many images. Detects a change without reading every file. */
async function stamps(found: string, depth: number): Promise<string[]> {
  const seen = await nullIfMissing(stat(found));
  if (seen === null) return [`${found} missing`]; // a link whose target is gone
  const own = `${found} ${seen.size} ${seen.mtimeMs}`;
  if (depth === 0 || !seen.isDirectory()) return [own];
  const children = await readdir(found, { withFileTypes: true });
  const holdsMany = /\.(bin|parquet|tar|tgz|gz|txt)$|ubyte$/i;
  const inner = children.filter((c) => c.isDirectory() || holdsMany.test(c.name)).map((c) => path.join(found, c.name));
  const below = await Promise.all(inner.map((child) => stamps(child, depth - 1)));
  return [own, ...below.flat().sort()];
}

/** The key of a packed copy: changes when the source or the choice may have changed. */
export async function sourceKey(source: Source, choice: unknown): Promise<string> {
  const seen = await stamps(source.path, source.container === 'folder' ? 3 : 0);
  return createHash('sha256')
    .update(JSON.stringify([choice, source.format, seen]))
    .digest('hex')
    .slice(0, 16);
}
