/** Finds data sets in folders, by name and format. */
import { access, constants, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isMissingPath } from '@ablate/files';
import { DatasetError, type SourceItem } from '../dataset.ts';
import { CAPS, type Entry, folderEntries, tarEntries } from './entries.ts';
import { isSystemName } from './file-kinds.ts';
import type { LeftOutFiles } from './left-out.ts';
import { type Candidate, candidatesFor, REFUSED_RANK, UNPACK_COMMANDS } from './names.ts';
import { OFFICIAL_FILES } from './official.ts';
import { cifarBinarySamples } from './readers/cifar-binary.ts';
import { idxSamples } from './readers/idx.ts';
import { imageFolderSamples, isLabelledImage } from './readers/image-folder.ts';
import { parquetSamples } from './readers/parquet.ts';
import { setNamed } from './readers/set-names.ts';
import { webdatasetSamples } from './readers/webdataset.ts';
import type { Format, Source } from './source.ts';
import { walkFolder } from './walk.ts';

type IsWanted = (className: string) => boolean;

const entriesOf = ({ container, path }: Source, leftOut: LeftOutFiles): AsyncIterable<Entry> =>
  container === 'tar' ? tarEntries(path, CAPS, leftOut) : folderEntries(path, CAPS, leftOut);

/** Loading a pickle runs code from it, so none is loaded. */
async function* refusePickle({ name }: Source): AsyncGenerator<SourceItem> {
  const official = Object.values(OFFICIAL_FILES).find(({ file }) => file.startsWith(name.replace('cifar', 'cifar-')));
  yield* [];
  throw new DatasetError(
    `the Python version is a pickle, which can run code, and is not supported; download the binary version${official ? `, ${official.url}` : ''} (the same images) to the same folder`,
  );
}

const quoted = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

async function* refusePacked({ name, path: found }: Source): AsyncGenerator<SourceItem> {
  const command = UNPACK_COMMANDS[path.extname(found).toLowerCase()] ?? UNPACK_COMMANDS['']!;
  yield* [];
  throw new DatasetError(
    `this kind of archive is not read; unpack it: ${command(quoted(found), quoted(path.join(path.dirname(found), name)))}`,
  );
}

async function* refuseAmbiguous({ also }: Source): AsyncGenerator<SourceItem> {
  yield* [];
  throw new DatasetError(`${also} has the same name; rename one of them`);
}

const readers: Record<
  Format,
  (source: Source, isWanted: IsWanted, leftOut: LeftOutFiles) => AsyncIterable<SourceItem>
> = {
  'image-folder': (source, isWanted, leftOut) => imageFolderSamples(entriesOf(source, leftOut), isWanted, leftOut),
  'cifar10-binary': (source, _, leftOut) => cifarBinarySamples(entriesOf(source, leftOut), 'cifar10', leftOut),
  'cifar100-binary': (source, _, leftOut) => cifarBinarySamples(entriesOf(source, leftOut), 'cifar100', leftOut),
  idx: (source, _, leftOut) => idxSamples(entriesOf(source, leftOut), leftOut),
  webdataset: ({ path }, _, leftOut) => webdatasetSamples(path, leftOut),
  parquet: ({ path }, _, leftOut) => parquetSamples(path, leftOut),
  'cifar-python': refusePickle,
  'packed-archive': refusePacked,
  ambiguous: refuseAmbiguous,
};

/** The source's images of the wanted classes, in its order. What is not used is added to `leftOut`. @throws DatasetError on invalid content */
export async function* sourceSamples(
  source: Source,
  isWanted: IsWanted,
  leftOut: LeftOutFiles,
): AsyncGenerator<SourceItem> {
  for await (const item of readers[source.format](source, isWanted, leftOut))
    if (isWanted(item.className)) yield item;
    else leftOut.add('otherClass', item.order);
}

const FOLDER_FORMATS: readonly { format: Format; file: RegExp }[] = [
  { format: 'cifar10-binary', file: /(^|\/)data_batch_1\.bin$/ },
  { format: 'cifar100-binary', file: /(^|\/)fine_label_names\.txt$/ },
  { format: 'cifar-python', file: /(^|\/)(data_batch_1|batches\.meta)$/ },
  { format: 'idx', file: /[-.]idx[13][-.]ubyte(\.gz)?$/i },
  { format: 'parquet', file: /\.parquet$/i },
  { format: 'webdataset', file: /\.(tar|tar\.gz|tgz)$/i },
];

/** The format of a folder. Images in class folders decide: an archive beside them is only left over. */
async function formatOf(folder: string): Promise<Format> {
  const present = new Set<Format>();
  try {
    for await (const batch of walkFolder(folder, { limit: CAPS.entries }))
      for (const { path: name } of batch) {
        if (isLabelledImage(name)) return 'image-folder';
        const format = FOLDER_FORMATS.find(({ file }) => file.test(name))?.format;
        if (format) present.add(format);
      }
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error; // opening the data set meets the same error, and names it
  }
  return FOLDER_FORMATS.find(({ format }) => present.has(format))?.format ?? 'image-folder';
}

async function containerOf(name: string): Promise<Source['container'] | null> {
  const found = await stat(name).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error) return null; // missing, a link in a circle, or not readable
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

type Found = Candidate & { path: string };

/** Files and folders in a folder of the search path; none if it is missing, a file, or not readable. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((child) => !isSystemName(child)).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

/** Folders of the search path that exist and cannot be read. */
export async function unreadableFolders(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map((folder) =>
      access(folder, constants.R_OK | constants.X_OK).then(
        () => [],
        (error: unknown) => (isMissingPath(error) ? [] : [folder]),
      ),
    ),
  );
  return found.flat();
}

/** The best candidates of a name in a folder of the search path, which may also be the data set itself; more than one if they are equally good. */
async function bestIn(folder: string, name: string): Promise<Found[]> {
  const found: Found[] = [];
  const paths = [...(await namesIn(folder)).map((child) => path.join(folder, child)), path.resolve(folder)];
  for (const full of paths) {
    const file = path.basename(full);
    const named = (['tar', 'folder'] as const).flatMap((kind) => candidatesFor(file, kind));
    if (!named.some((candidate) => candidate.name === name)) continue;
    const container = await containerOf(full);
    for (const candidate of named)
      if (candidate.name === name && candidate.container === container) found.push({ ...candidate, path: full });
  }
  const best = Math.min(...found.map(({ rank }) => rank));
  return found.filter(({ rank }) => rank === best);
}

/**
 * Find a data set by name. An entry of the search path may also be the data set's own file or folder. A name with capitals or
 * blanks is found by its lower-case form with hyphens. The format of a folder is detected from its files. What reading refuses is
 * found only if there is nothing else.
 */
export async function findDataset(name: string, { folders }: { folders: readonly string[] }): Promise<Source | null> {
  let refused: Found | undefined;
  for (const folder of folders) {
    const [best, ...others] = await bestIn(folder, name);
    if (!best) continue;
    const other = others.find((candidate) => candidate.path !== best.path);
    if (other) return { name, path: best.path, container: best.container, format: 'ambiguous', also: other.path };
    if (best.rank >= REFUSED_RANK) refused ??= best;
    else return toSource(best);
  }
  return refused ? toSource(refused) : null;
}

const toSource = async ({ name, path: found, container, format }: Found): Promise<Source> => ({
  name,
  path: path.resolve(found),
  container,
  format: format === 'detect' ? await formatOf(found) : format,
});

/** A file or folder that has no name as a data set. */
export type Nameless = { path: string; remedy: string };

/** The data sets in the folders. */
export async function datasetsIn(folders: readonly string[]): Promise<{ names: string[]; nameless: Nameless[] }> {
  const names = new Set<string>();
  const nameless: Nameless[] = [];
  for (const folder of folders) {
    const children = await namesIn(folder);
    const own = path.basename(path.resolve(folder));
    // A folder with train/ and test/ is a data set, not a folder of data sets.
    const isItself = children.some((child) => setNamed(child));
    for (const child of isItself ? [own] : children) {
      const full = isItself ? folder : path.join(folder, child);
      const container = await containerOf(full);
      const [best] = container ? candidatesFor(child, container) : [];
      if (best) names.add(best.name);
      else if (container === 'folder')
        nameless.push({ path: full, remedy: `rename it: mv ${quoted(full)} ${quoted(path.join(folder, 'new-name'))}` });
    }
  }
  return { names: [...names].sort(), nameless };
}
