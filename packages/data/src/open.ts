import { KNOWN_DATASETS } from '@ablate/contracts';
import { type CachePlace, readCache, writeCache } from './cache.ts';
import { type Dataset, DatasetError, type OnProgress, type Sample } from './dataset.ts';
import { download, OFFICIAL_FILES } from './download.ts';
import { pack } from './pack.ts';
import { SHAPES10_VERSION, shapes10Samples } from './shapes10.ts';
import { findDataset, type Source, sourceKey, sourceSamples } from './sources.ts';

/** Part of every packed copy's key: raise it when packing itself changes. */
const PACK_VERSION = 1;

export type OpenOptions = {
  /** Where to look, in order: `dataFolders()`. */
  folders: readonly string[];
  /** Where packed copies are kept. */
  cache: string;
  /** Where an official file is downloaded to when nothing is found; absent: nothing is downloaded. */
  download?: string;
  onProgress?: OnProgress;
};

type Recipe = { place: CachePlace; source: string; note?: string; samples: () => AsyncIterable<Sample> };

const isJpeg = (sample: Sample) => /\.jpe?g$/i.test(sample.order);

async function fromSource(source: Source, cache: string): Promise<Recipe> {
  const key = await sourceKey(source, PACK_VERSION);
  const place = { folder: cache, stem: `${source.name}-${key}` };
  return { place, source: source.path, samples: () => sourceSamples(source) };
}

async function recipeFor(name: string, { folders, cache, download: target, onProgress }: OpenOptions): Promise<Recipe> {
  if (name === 'shapes10')
    return {
      place: { folder: cache, stem: `shapes10-v${SHAPES10_VERSION}` },
      source: 'drawn by Ablate',
      note: 'shapes10 is a generated set: its scores say nothing about real images',
      samples: () => shapes10Samples(onProgress),
    };
  const found = await findDataset(name, { folders });
  if (found) return fromSource(found, cache);
  const official = OFFICIAL_FILES[name];
  if (!official || target === undefined)
    throw new DatasetError(
      `data set "${name}" is in none of ${folders.join(', ')}: put ${official?.file ?? `${name}.tar.gz`} or a folder ${name}/ with train/ and test/ there, or name its folder in ABLATE_DATA`,
    );
  const path = await download(official, { folder: target, onProgress });
  return fromSource({ name, path, format: 'cifar-binary', container: 'tar' }, cache);
}

async function packAndCache(name: string, { place, source, note, samples }: Recipe, onProgress?: OnProgress) {
  const facts = KNOWN_DATASETS[name];
  let copies = false;
  async function* watched() {
    for await (const sample of samples()) {
      copies ||= isJpeg(sample);
      yield sample;
    }
  }
  const packed = await pack(watched(), {
    total: facts ? facts.trainImages + facts.testImages : null,
    onProgress: name === 'shapes10' ? undefined : onProgress,
  }).catch((error: unknown) => {
    throw error instanceof DatasetError ? new DatasetError(`${source}: ${error.message}`) : error;
  });
  const lossy =
    copies && OFFICIAL_FILES[name]
      ? `JPEG copies of ${name}: scores are not comparable to the last point with ones on the official files`
      : undefined;
  await writeCache(place, packed, { name, source, note: note ?? lossy });
}

/**
 * Open a data set: from its packed copy, else from wherever it is found, packing it once. Safe in several processes at once.
 * The whole set is in memory afterwards.
 * @throws DatasetError when it is found nowhere or is not what it should be
 */
export async function openDataset(name: string, options: OpenOptions): Promise<Dataset> {
  const recipe = await recipeFor(name, options);
  const cached = await readCache(recipe.place);
  if (cached) return cached;
  await packAndCache(name, recipe, options.onProgress);
  const written = await readCache(recipe.place);
  if (!written)
    throw new DatasetError(`${recipe.place.folder}: the packed copy of ${name} does not read back; is the disk full?`);
  return written;
}
