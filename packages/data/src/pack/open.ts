/** Opens a data set by name: finds it, downloads it, packs it, or reads the packed copy. */
import { createHash } from 'node:crypto';
import { datasetFacts, type PackChoice } from '@ablate/contracts';
import { withLock } from '@ablate/files';
import { type Dataset, DatasetError, type OnProgress, type SourceItem } from '../dataset.ts';
import { download } from '../source/download.ts';
import { findDataset, sourceSamples, unreadableFolders } from '../source/find.ts';
import { type LeftOutFiles, leftOutFiles } from '../source/left-out.ts';
import { OFFICIAL_FILES } from '../source/official.ts';
import { SHAPES10_VERSION, shapes10Samples } from '../source/shapes10.ts';
import type { Source } from '../source/source.ts';
import { sourceKey } from '../source/source-key.ts';
import { DEFAULT_MEMORY_BYTES, openCacheFolder, readCache, readManifest, writeCache } from './cache.ts';
import type { Manifest } from './files.ts';
import { file, type PackedPath } from './files.ts';
import { lowRangeNote } from './low-range.ts';
import { pack } from './pack.ts';
import { openPartialPack, removePartialPack } from './partial-pack.ts';

/** Part of every packed copy's key: raise it when packing changes. */
export const PACK_VERSION = 3;

export type OpenOptions = {
  /** Search path: `dataFolders()`. */
  folders: readonly string[];
  /** Folder of packed copies. */
  cache: string;
  /** Folder to download an official file to if no copy is found; absent: never download. */
  download?: string;
  /** A larger packed copy is read from its file, not loaded. */
  memoryBytes?: number;
  onProgress?: OnProgress;
  /** Stops packing; the next call resumes. */
  signal?: AbortSignal;
};

/** How to pack a choice. */
export type Recipe = {
  copy: PackedPath;
  /** Path of the source, or `drawn by Ablate`. */
  source: string;
  format: Source['format'] | 'drawn';
  /** As in the manifest. */
  choice: Manifest['choice'];
  notes: string[];
  /** What of the source is not used is added to `leftOut`. */
  samples: (leftOut: LeftOutFiles) => AsyncIterable<SourceItem>;
  /** Whether the source is as it was when the recipe was made. */
  isCurrent: () => Promise<boolean>;
};

const choiceOf = ({ imageSize, classes, imagesPerClass, skipBroken }: PackChoice): Record<string, unknown> =>
  JSON.parse(JSON.stringify({ imageSize, classes: classes && [...classes].sort(), imagesPerClass, skipBroken }));

/** The first `imagesPerClass` training images of each class, and all other images. */
async function* firstOfEach(
  samples: AsyncIterable<SourceItem>,
  imagesPerClass: number,
  leftOut: LeftOutFiles,
): AsyncGenerator<SourceItem> {
  const seen = new Map<string, number>();
  for await (const sample of samples) {
    const count = (seen.get(sample.className) ?? 0) + (sample.set === 'train' ? 1 : 0);
    if (sample.set === 'train' && count > imagesPerClass) {
      leftOut.add('beyondCount', sample.order);
      continue;
    }
    seen.set(sample.className, count);
    yield sample;
  }
}

/** Images of the chosen classes. @throws DatasetError at the end if a class has no images */
async function* chosen(
  samples: (isWanted: (className: string) => boolean) => AsyncIterable<SourceItem>,
  { classes, imagesPerClass }: PackChoice,
  leftOut: LeftOutFiles,
): AsyncGenerator<SourceItem> {
  const names = classes?.map((name) => name.normalize('NFC'));
  const wanted = names && new Set(names);
  const missing = new Set(names);
  const all = samples((className) => wanted?.has(className) ?? true);
  for await (const sample of imagesPerClass === undefined ? all : firstOfEach(all, imagesPerClass, leftOut)) {
    missing.delete(sample.className);
    yield sample;
  }
  if (missing.size > 0) throw new DatasetError(`dataset.classes: unknown class ${[...missing].slice(0, 5).join(', ')}`);
}

async function fromSource(source: Source, choice: PackChoice, { cache, onProgress }: OpenOptions): Promise<Recipe> {
  const keyNow = () => sourceKey(source, [PACK_VERSION, choiceOf(choice)], onProgress);
  const key = await keyNow();
  return {
    copy: { folder: cache, stem: `${source.name}-${key}` },
    source: source.path,
    format: source.format,
    choice: choiceOf(choice),
    notes: [],
    samples: (leftOut) => chosen((isWanted) => sourceSamples(source, isWanted, leftOut), choice, leftOut),
    isCurrent: async () => (await keyNow()) === key,
  };
}

async function* drawn(isWanted: (className: string) => boolean): AsyncGenerator<SourceItem> {
  for await (const sample of shapes10Samples()) if (isWanted(sample.className)) yield sample;
}

/** Find a data set, or download it if allowed. @throws DatasetError with the searched folders */
async function recipeOf(choice: PackChoice, options: OpenOptions): Promise<Recipe> {
  const { folders, cache, download: target, onProgress } = options;
  const { name } = choice;
  if (name === 'shapes10') {
    const part = JSON.stringify(choiceOf(choice));
    const key = part === '{}' ? '' : `-${createHash('sha256').update(part).digest('hex').slice(0, 16)}`;
    return {
      copy: { folder: cache, stem: `shapes10-v${SHAPES10_VERSION}${key}` },
      source: 'drawn by Ablate',
      format: 'drawn',
      choice: choiceOf(choice),
      notes: ['shapes10 is a generated data set: scores on it do not transfer to real images'],
      samples: (leftOut) => chosen(drawn, choice, leftOut),
      isCurrent: async () => true,
    };
  }
  const found = await findDataset(name, { folders });
  if (found) return fromSource(found, choice, options);
  const official = OFFICIAL_FILES[name];
  if (!official || target === undefined) {
    const unreadable = await unreadableFolders(folders);
    throw new DatasetError(
      `data set "${name}" not found in ${folders.join(', ')}; put ${official?.file ?? `${name}.tar.gz`}, or a folder ${name}/ with train/ and test/, into one of them, or add its folder to ABLATE_DATA${unreadable.length > 0 ? `; cannot read ${unreadable.join(', ')}` : ''}`,
    );
  }
  await download(official, { folder: target, onProgress });
  const downloaded = await findDataset(name, { folders: [target] });
  if (!downloaded) throw new DatasetError(`${target}: the downloaded ${official.file} is missing`);
  return fromSource(downloaded, choice, options);
}

/** Names the data set in the message of a DatasetError. */
async function namingDataset<T>({ name }: PackChoice, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DatasetError) || error.message.startsWith(`data set "${name}"`)) throw error;
    throw new DatasetError(`data set "${name}": ${error.message}`);
  }
}

const recipeFor = (choice: PackChoice, options: OpenOptions): Promise<Recipe> =>
  namingDataset(choice, () => recipeOf(choice, options));

async function packAndCache(choice: PackChoice, recipe: Recipe, { onProgress, signal }: OpenOptions): Promise<void> {
  const { copy, source, choice: packed, notes, samples, isCurrent } = recipe;
  const leftOut = leftOutFiles();
  const facts = datasetFacts(choice);
  const total = (facts.trainImages ?? Number.NaN) + (facts.testImages ?? Number.NaN);
  await openCacheFolder(copy);
  const partial = await openPartialPack(copy);
  let finished = false;
  try {
    await pack(samples(leftOut), partial, {
      imageSize: choice.imageSize,
      skipBroken: choice.skipBroken,
      total: Number.isNaN(total) ? null : total,
      onProgress,
      signal,
    });
    const copies = OFFICIAL_FILES[choice.name] && partial.records.some((record) => 'lossy' in record && record.lossy);
    const lossy = `JPEG copies of ${choice.name}: scores are not exactly comparable with scores on the official files`;
    if (!(await isCurrent())) throw new DatasetError('its files changed while it was packed; try again');
    await writeCache(
      copy,
      partial,
      {
        name: choice.name,
        version: PACK_VERSION,
        source,
        choice: packed,
        leftOut: leftOut.list(),
        notes: [...notes, ...(copies ? [lossy] : []), ...lowRangeNote(partial.records), ...leftOut.notes()],
      },
      { onProgress, signal },
    );
    finished = true;
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    finished = true;
    throw new DatasetError([`${source}: ${error.message}`, ...leftOut.notes()].join('; '));
  } finally {
    await partial.close();
    if (finished) await removePartialPack(copy);
  }
}

/** How to pack a choice, and the manifest of its packed copy if there is one. Downloads only if `options.download` is set. */
export async function inspectDataset(
  choice: PackChoice,
  options: OpenOptions,
): Promise<{ recipe: Recipe; manifest: Manifest | null }> {
  const recipe = await recipeFor(choice, options);
  return { recipe, manifest: await readManifest(recipe.copy) };
}

/** A packed copy in use: `packed` if it is there, else null. Nothing is packed or written. */
export async function openPacked(choice: PackChoice, options: OpenOptions): Promise<Dataset | null> {
  const { copy } = await recipeFor(choice, options);
  return readCache(copy, options.memoryBytes);
}

/**
 * Open a data set from its packed copy, or find it and pack it first. Safe in several processes at once: one packs, the others
 * wait.
 * @throws DatasetError that names the data set, if it is not found or invalid
 */
export async function openDataset(nameOrChoice: string | PackChoice, options: OpenOptions): Promise<Dataset> {
  const choice = typeof nameOrChoice === 'string' ? { name: nameOrChoice } : nameOrChoice;
  const { memoryBytes = DEFAULT_MEMORY_BYTES, signal, onProgress } = options;
  const recipe = await recipeFor(choice, options);
  const { copy } = recipe;
  const cached = await readCache(copy, memoryBytes);
  if (cached) return cached;
  await openCacheFolder(copy);
  const onWait = () => onProgress?.({ stage: 'waiting', done: 0, total: null });
  return withLock(file(copy, 'lock'), { signal, onWait }, () =>
    namingDataset(choice, async () => {
      const packed = await readCache(copy, memoryBytes);
      if (packed) return packed;
      await packAndCache(choice, recipe, options);
      const written = await readCache(copy, memoryBytes);
      if (!written) throw new DatasetError(`${copy.folder}: cannot read back the packed copy; check the disk`);
      return written;
    }),
  );
}
