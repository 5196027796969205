import { createHash } from 'node:crypto';
import { datasetFacts, type PackChoice } from '@ablate/contracts';
import { withLock } from '@ablate/files';
import { type Dataset, DatasetError, type OnProgress, type Sample } from '../dataset.ts';
import { download } from '../source/download.ts';
import { findDataset, type Source, sourceKey, sourceSamples } from '../source/find.ts';
import { OFFICIAL_FILES } from '../source/official.ts';
import { SHAPES10_VERSION, shapes10Samples } from '../source/shapes10.ts';
import { DEFAULT_MEMORY_BYTES, openCacheFolder, readCache, readManifest, writeCache } from './cache.ts';
import type { Manifest } from './files.ts';
import { file, type PackedPath } from './files.ts';
import { pack } from './pack.ts';
import { openPartialPack, removePartialPack } from './partial-pack.ts';

/** Part of every packed copy's key: raise it when packing itself changes. */
const PACK_VERSION = 2;

export type OpenOptions = {
  /** Where to look, in order: `dataFolders()`. */
  folders: readonly string[];
  /** Where packed copies are kept. */
  cache: string;
  /** Where an official file is downloaded to when nothing is found; absent: nothing is downloaded. */
  download?: string;
  /** A packed copy of more bytes is read from its file, not loaded. */
  memoryBytes?: number;
  onProgress?: OnProgress;
  /** Ends packing; what is packed by then is there for the next. */
  signal?: AbortSignal;
};

/** How the packed copy of a choice comes about. */
export type Recipe = {
  copy: PackedPath;
  /** Where the images are, or who draws them. */
  source: string;
  format: Source['format'] | 'drawn';
  notes: string[];
  samples: () => AsyncIterable<Sample>;
};

const asked = ({ imageSize, classes, imagesPerClass, skipBroken }: PackChoice): Record<string, unknown> =>
  JSON.parse(JSON.stringify({ imageSize, classes: classes && [...classes].sort(), imagesPerClass, skipBroken }));

/** Of the training images of each class, the first. */
async function* firstOfEach(samples: AsyncIterable<Sample>, imagesPerClass: number): AsyncGenerator<Sample> {
  const seen = new Map<string, number>();
  for await (const sample of samples) {
    const count = (seen.get(sample.className) ?? 0) + (sample.set === 'train' ? 1 : 0);
    if (sample.set === 'train' && count > imagesPerClass) continue;
    seen.set(sample.className, count);
    yield sample;
  }
}

/** Images of the chosen classes; ends with an error that names the classes of which there were none. */
async function* chosen(
  samples: (isWanted: (className: string) => boolean) => AsyncIterable<Sample>,
  { classes, imagesPerClass }: PackChoice,
): AsyncGenerator<Sample> {
  const wanted = classes && new Set(classes);
  const missing = new Set(classes);
  const all = samples((className) => wanted?.has(className) ?? true);
  for await (const sample of imagesPerClass === undefined ? all : firstOfEach(all, imagesPerClass)) {
    missing.delete(sample.className);
    yield sample;
  }
  if (missing.size > 0)
    throw new DatasetError(`dataset.classes: it has no class ${[...missing].slice(0, 5).join(', ')}`);
}

async function fromSource(source: Source, choice: PackChoice, cache: string): Promise<Recipe> {
  const key = await sourceKey(source, [PACK_VERSION, asked(choice)]);
  return {
    copy: { folder: cache, stem: `${source.name}-${key}` },
    source: source.path,
    format: source.format,
    notes: [],
    samples: () => chosen((isWanted) => sourceSamples(source, isWanted), choice),
  };
}

async function* drawn(isWanted: (className: string) => boolean): AsyncGenerator<Sample> {
  for await (const sample of shapes10Samples()) if (isWanted(sample.className)) yield sample;
}

/** Find a data set, or download it where that is allowed. @throws DatasetError saying where it was looked for */
export async function recipeFor(choice: PackChoice, options: OpenOptions): Promise<Recipe> {
  const { folders, cache, download: target, onProgress } = options;
  const { name } = choice;
  if (name === 'shapes10') {
    const part = JSON.stringify(asked(choice));
    const key = part === '{}' ? '' : `-${createHash('sha256').update(part).digest('hex').slice(0, 16)}`;
    return {
      copy: { folder: cache, stem: `shapes10-v${SHAPES10_VERSION}${key}` },
      source: 'drawn by Ablate',
      format: 'drawn',
      notes: ['shapes10 is a generated set: its scores say nothing about real images'],
      samples: () => chosen(drawn, choice),
    };
  }
  const found = await findDataset(name, { folders });
  if (found) return fromSource(found, choice, cache);
  const official = OFFICIAL_FILES[name];
  if (!official || target === undefined)
    throw new DatasetError(
      `data set "${name}" is in none of ${folders.join(', ')}: put ${official?.file ?? `${name}.tar.gz`} or a folder ${name}/ with train/ and test/ there, or name its folder in ABLATE_DATA`,
    );
  await download(official, { folder: target, onProgress });
  const downloaded = await findDataset(name, { folders: [target] });
  if (!downloaded) throw new DatasetError(`${target}: the downloaded ${official.file} is gone`);
  return fromSource(downloaded, choice, cache);
}

async function packAndCache(choice: PackChoice, recipe: Recipe, { onProgress, signal }: OpenOptions): Promise<void> {
  const { copy, source, notes, samples } = recipe;
  const facts = datasetFacts(choice);
  const total = (facts.trainImages ?? Number.NaN) + (facts.testImages ?? Number.NaN);
  await openCacheFolder(copy);
  const partial = await openPartialPack(copy);
  let useless = false;
  try {
    await pack(samples(), partial, {
      imageSize: choice.imageSize,
      skipBroken: choice.skipBroken,
      total: Number.isNaN(total) ? null : total,
      onProgress,
      signal,
    });
    const copies = OFFICIAL_FILES[choice.name] && partial.records.some((record) => 'lossy' in record && record.lossy);
    const lossy = `JPEG copies of ${choice.name}: scores are not comparable to the last point with ones on the official files`;
    const said = [...notes, ...(copies ? [lossy] : [])];
    await writeCache(
      copy,
      partial,
      { name: choice.name, source, choice: asked(choice), notes: said },
      { onProgress, signal },
    );
    useless = true;
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    useless = true;
    throw new DatasetError(`${source}: ${error.message}`);
  } finally {
    await partial.close();
    if (useless) await removePartialPack(copy);
  }
}

/** How a choice would be packed, and what its packed copy says where there is one. Downloads nothing unless `options.download` is given. */
export async function inspectDataset(
  choice: PackChoice,
  options: OpenOptions,
): Promise<{ recipe: Recipe; manifest: Manifest | null }> {
  const recipe = await recipeFor(choice, options);
  return { recipe, manifest: await readManifest(recipe.copy) };
}

/**
 * Open a data set: from its packed copy, else from wherever it is found, packing it once. Safe in several processes at once: one packs, the others wait.
 * @throws DatasetError when it is found nowhere or is not what it should be
 */
export async function openDataset(asked: string | PackChoice, options: OpenOptions): Promise<Dataset> {
  const choice = typeof asked === 'string' ? { name: asked } : asked;
  const { memoryBytes = DEFAULT_MEMORY_BYTES, signal, onProgress } = options;
  const recipe = await recipeFor(choice, options);
  const { copy } = recipe;
  const cached = await readCache(copy, memoryBytes);
  if (cached) return cached;
  await openCacheFolder(copy);
  const onWait = () => onProgress?.({ stage: 'waiting', done: 0, total: null });
  return withLock(file(copy, 'lock'), { signal, onWait }, async () => {
    const packed = await readCache(copy, memoryBytes);
    if (packed) return packed;
    await packAndCache(choice, recipe, options);
    const written = await readCache(copy, memoryBytes);
    if (!written)
      throw new DatasetError(`${copy.folder}: the packed copy of ${choice.name} does not read back; is the disk full?`);
    return written;
  });
}
