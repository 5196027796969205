/** Packed data sets on disk: `<name>-<key>.bin` with the raw bytes, and beside it `.json`, the manifest, written last. */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { endianness } from 'node:os';
import path from 'node:path';
import { isVerified, nullIfMissing, sha256, writeAtomically } from '@ablate/files';
import { type Dataset, DatasetError, type ImageSet, type OnProgress } from '../dataset.ts';
import { arrange } from './arrange.ts';
import { type CachePlace, file } from './cache-place.ts';
import { channelStatistics } from './channel-statistics.ts';
import { Manifest, SPLIT_RULES } from './manifest.ts';
import type { Partial } from './partial.ts';

const ABANDONED_MS = { '.tmp': 3_600_000, '.part': 7 * 86_400_000, '.journal': 7 * 86_400_000 };
const CHUNK_BYTES = 4 * 2 ** 20;

/** What a process that was killed while it packed has left behind, and nobody came back for. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const age = Object.entries(ABANDONED_MS).find(([ending]) => name.endsWith(ending))?.[1];
    if (age === undefined) continue;
    const full = path.join(folder, name);
    const found = await nullIfMissing(stat(full)); // its writer may just have renamed it
    if (found && Date.now() - found.mtimeMs > age) await rm(full, { force: true });
  }
}

export async function openCacheFolder({ folder }: CachePlace): Promise<void> {
  await mkdir(folder, { recursive: true });
  await removeAbandoned(folder);
}

const asBytes = (labels: Int32Array) => new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);

export type Description = Pick<Manifest, 'name' | 'source' | 'choice' | 'notes'>;

/** Arrange what was packed and write it. @throws DatasetError where it makes no data set */
export async function writeCache(
  place: CachePlace,
  partial: Partial,
  { notes, ...description }: Description,
  { onProgress, signal }: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<void> {
  if (endianness() !== 'LE') throw new DatasetError('packed data sets are little-endian; this machine is not');
  const { classes, train, test, validation } = arrange(partial.records);
  const sets = [train, test, ...(validation ? [validation] : [])];
  const size = partial.size ?? 0;
  const imageBytes = size * size * 3;
  const total = sets.reduce((sum, { places }) => sum + places.length, 0);
  const hash = createHash('sha256');
  const statistics = channelStatistics();
  let bytes = 0;
  let done = 0;

  /** Labels of all sets, then images of all sets. */
  async function* content(): AsyncGenerator<Uint8Array> {
    for (const { labels } of sets) yield asBytes(labels);
    const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / imageBytes));
    for (const set of sets)
      for (let start = 0; start < set.places.length; start += perChunk) {
        signal?.throwIfAborted();
        const chunk = await partial.readMany(set.places.subarray(start, start + perChunk), imageBytes);
        if (set === train) statistics.add(chunk);
        yield chunk;
        done += chunk.length / imageBytes;
        if (total > 100_000) onProgress?.({ stage: 'writing', done, total });
      }
  }
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content()) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  await writeAtomically(file(place, 'bin'), hashed());

  const broken = partial.records.flatMap((record) => ('broken' in record ? [record.broken] : []));
  const perClass = classes.map(() => 0);
  for (const label of train.labels) perClass[label]!++;
  const manifest: Manifest = {
    ...description,
    sha256: hash.digest('hex'),
    bytes,
    shape: [size, size, 3],
    classes,
    counts: { train: train.labels.length, test: test.labels.length, validation: validation?.labels.length ?? 0 },
    perClass,
    ...statistics.result(),
    splitRule: validation ? SPLIT_RULES.given : SPLIT_RULES.heldOut,
    broken: { count: broken.length, first: broken.slice(0, 20) },
    notes: [
      ...notes,
      ...(broken.length > 0 ? [`${broken.length} broken files were left out, such as ${broken[0]}`] : []),
      ...(validation ? ['validation images are those that the data set gives; dataset.validation is not used'] : []),
    ],
  };
  await writeAtomically(file(place, 'json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The manifest of a packed copy, or null where there is none, or one that another version has written. */
export async function readManifest(place: CachePlace): Promise<Manifest | null> {
  const text = await nullIfMissing(readFile(file(place, 'json'), 'utf8'));
  if (text === null) return null;
  try {
    return Manifest.parse(JSON.parse(text));
  } catch {
    return null; // packed again
  }
}

/** `length` bytes from the file's start, in memory that threads can share; null when it is shorter. */
async function readBytes(handle: FileHandle, length: number): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(new SharedArrayBuffer(length));
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(length - at, 2 ** 30), at);
    if (bytesRead === 0) return null;
    at += bytesRead;
  }
  return bytes;
}

/**
 * What was loaded and is still in use, by SHA-256 and by when its file was written. A process that trains run after run loads a data set once; without this each run would load it anew,
 * and the garbage collector lets many pile up, since it does not see shared memory.
 */
const loaded = new Map<string, WeakRef<ArrayBufferLike>>();

/** The whole file, if its bytes are those that the manifest speaks of. */
async function loadVerified(handle: FileHandle, manifest: Manifest): Promise<Uint8Array | null> {
  const key = `${manifest.sha256} ${(await handle.stat()).mtimeMs}`;
  const known = loaded.get(key)?.deref();
  if (known) return new Uint8Array(known);
  const bytes = await readBytes(handle, manifest.bytes);
  if (!bytes || sha256(bytes) !== manifest.sha256) return null;
  loaded.set(key, new WeakRef(bytes.buffer));
  return bytes;
}

/** Whether the file has the length and the SHA-256 of its manifest. Reads all of it. */
export const verifyCache = (
  place: CachePlace,
  { bytes, sha256 }: Manifest,
  onProgress?: OnProgress,
): Promise<boolean> =>
  isVerified(file(place, 'bin'), { bytes, sha256 }, (done) => onProgress?.({ stage: 'writing', done, total: bytes }));

/** Above this, a packed copy stays in its file. */
export const DEFAULT_MEMORY_BYTES = 2 * 2 ** 30;

/**
 * Open a packed data set, or null where there is none that is whole. One that fits in `memoryBytes` is loaded and its bytes are verified against the
 * manifest's SHA-256; of a larger one the length and the labels are checked, and its images are read from the file.
 */
export async function readCache(place: CachePlace, memoryBytes = DEFAULT_MEMORY_BYTES): Promise<Dataset | null> {
  const manifest = await readManifest(place);
  if (!manifest) return null;
  const {
    shape: [imageSize],
    counts: { train, test, validation },
  } = manifest;
  const imageBytes = imageSize * imageSize * 3;
  const count = train + test + validation;
  if (manifest.bytes !== count * (4 + imageBytes)) return null;
  const name = file(place, 'bin');
  const handle = await nullIfMissing(open(name, 'r'));
  if (!handle) return null;
  let bytes: Uint8Array | null;
  const inMemory = manifest.bytes <= memoryBytes;
  try {
    if ((await handle.stat()).size !== manifest.bytes) return null;
    bytes = await (inMemory ? loadVerified(handle, manifest) : readBytes(handle, 4 * count));
  } finally {
    await handle.close();
  }
  if (!bytes) return null;

  const labels = new Int32Array(bytes.buffer, 0, count);
  if (labels.some((label) => label < 0 || label >= manifest.classes.length)) return null;
  const set = (from: number, size: number): ImageSet => {
    const offset = labels.byteLength + from * imageBytes;
    return {
      images: inMemory ? bytes.subarray(offset, offset + size * imageBytes) : { file: name, offset },
      labels: labels.subarray(from, from + size),
      count: size,
    };
  };
  return {
    name: manifest.name,
    hash: manifest.sha256,
    imageSize,
    classes: manifest.classes,
    mean: manifest.mean,
    std: manifest.std,
    train: set(0, train),
    test: set(train, test),
    ...(validation > 0 ? { validation: set(train + test, validation) } : {}),
    ...(manifest.notes.length > 0 ? { note: manifest.notes.join('; ') } : {}),
  };
}
