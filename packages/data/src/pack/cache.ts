/** Packed data sets on disk: `<name>-<key>.bin` contains the raw bytes, `.json` the manifest, which is written last. */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { endianness } from 'node:os';
import path from 'node:path';
import { isVerified, nullIfMissing, sha256, writeAtomically } from '@ablate/files';
import { type Dataset, DatasetError, type ImageSet, type OnProgress } from '../dataset.ts';
import { arrange } from './arrange.ts';
import { channelStatistics } from './channel-statistics.ts';
import { file, Manifest, type PackedPath, SPLIT_RULES } from './files.ts';
import type { PartialPack } from './partial-pack.ts';
import { sharedImages } from './shared-images.ts';

const ABANDONED_MS = { '.tmp': 3_600_000, '.part': 7 * 86_400_000, '.journal': 7 * 86_400_000 };
const CHUNK_BYTES = 4 * 2 ** 20;

/** Remove files of a packer that was killed and never resumed. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const age = Object.entries(ABANDONED_MS).find(([ending]) => name.endsWith(ending))?.[1];
    if (age === undefined) continue;
    const full = path.join(folder, name);
    const found = await nullIfMissing(stat(full)); // null: just renamed by its writer
    if (found && Date.now() - found.mtimeMs > age) await rm(full, { force: true });
  }
}

export async function openCacheFolder({ folder }: PackedPath): Promise<void> {
  await mkdir(folder, { recursive: true });
  await removeAbandoned(folder);
}

const asBytes = (labels: Int32Array) => new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);

type Description = Pick<Manifest, 'name' | 'version' | 'source' | 'choice' | 'leftOut' | 'notes'>;

/** "1 file", "2 files". */
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

const SET_WORDS = { train: 'the training set', validation: 'the validation set' } as const;

function countLabels(labels: Int32Array, classes: readonly string[]): number[] {
  const counts = classes.map(() => 0);
  for (const label of labels) counts[label]!++;
  return counts;
}

/** Arrange the packed images and write the copy. @throws DatasetError if they are not a valid data set */
export async function writeCache(
  copy: PackedPath,
  partial: PartialPack,
  { notes, ...description }: Description,
  { onProgress, signal }: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<void> {
  if (endianness() !== 'LE')
    throw new DatasetError('packed data sets are little-endian; big-endian machines are not supported');
  const { classes, train, test, validation, splitRule } = arrange(partial.records);
  const sets = [train, test, ...(validation ? [validation] : [])];
  const size = partial.size ?? 0;
  const imageBytes = size * size * 3;
  const total = sets.reduce((sum, { indices }) => sum + indices.length, 0);
  const hash = createHash('sha256');
  const statistics = channelStatistics();
  const equal = sharedImages(sets);
  let bytes = 0;
  let done = 0;

  /** Labels of all sets, then images of all sets. */
  async function* content(): AsyncGenerator<Uint8Array> {
    for (const { labels } of sets) yield asBytes(labels);
    const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / imageBytes));
    for (const set of sets)
      for (let start = 0; start < set.indices.length; start += perChunk) {
        signal?.throwIfAborted();
        const chunk = await partial.readMany(set.indices.subarray(start, start + perChunk), imageBytes);
        if (set === train) statistics.add(chunk);
        equal.add(set, chunk, imageBytes);
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
  await writeAtomically(file(copy, 'bin'), hashed());

  const broken = partial.records.flatMap((record) => ('broken' in record ? [record.broken] : []));
  const perClass = countLabels(train.labels, classes);
  const testPerClass = countLabels(test.labels, classes);
  const untested = classes.filter((_, label) => testPerClass[label] === 0);
  const shared = [
    { set: 'test', with: 'train', ...equal.between(test, train) } as const,
    ...(validation
      ? ([
          { set: 'test', with: 'validation', ...equal.between(test, validation) },
          { set: 'validation', with: 'train', ...equal.between(validation, train) },
        ] as const)
      : []),
  ];
  const manifest: Manifest = {
    ...description,
    sha256: hash.digest('hex'),
    bytes,
    shape: [size, size, 3],
    classes,
    counts: { train: train.labels.length, test: test.labels.length, validation: validation?.labels.length ?? 0 },
    perClass,
    testPerClass,
    ...statistics.result(),
    splitRule: SPLIT_RULES[splitRule],
    broken: { count: broken.length, first: broken.slice(0, 20) },
    shared,
    notes: [
      ...notes,
      ...(broken.length > 0 ? [`${counted(broken.length, 'broken file')} skipped, such as ${broken[0]}`] : []),
      ...(untested.length > 0
        ? [
            `${untested.length === 1 ? '1 class has' : `${untested.length} classes have`} no test images, such as "${untested[0]}"`,
          ]
        : []),
      ...shared
        .filter(({ count }) => count > 0)
        .map(
          ({ set, with: other, count, first }) =>
            `${counted(count, `${set} image`)} of ${set === 'test' ? test.labels.length : validation?.labels.length} also in ${SET_WORDS[other]} (equal pixels), such as ${first[0]}`,
        ),
      ...(validation ? ['validation images come with the data set; dataset.validation is ignored'] : []),
    ],
  };
  await writeAtomically(file(copy, 'json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The manifest of a packed copy; null if it is missing or was written by an incompatible version. */
export async function readManifest(copy: PackedPath): Promise<Manifest | null> {
  const text = await nullIfMissing(readFile(file(copy, 'json'), 'utf8'));
  if (text === null) return null;
  try {
    return Manifest.parse(JSON.parse(text));
  } catch {
    return null; // packed again
  }
}

/** The first `length` bytes of the file, in memory that threads can share; null if it is shorter. */
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
 * Loaded copies still in use, by SHA-256 and modification time. A process that trains several runs loads a data set once.
 * Without this, copies would pile up: the garbage collector does not count shared memory.
 */
const loaded = new Map<string, WeakRef<ArrayBufferLike>>();

/** The whole file; null on a SHA-256 mismatch with the manifest. */
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
export const verifyCache = (copy: PackedPath, { bytes, sha256 }: Manifest, onProgress?: OnProgress): Promise<boolean> =>
  isVerified(file(copy, 'bin'), { bytes, sha256 }, (done) => onProgress?.({ stage: 'writing', done, total: bytes }));

/** A larger packed copy is read from its file. */
export const DEFAULT_MEMORY_BYTES = 2 * 2 ** 30;

/**
 * Open a packed data set; null if it is missing or damaged. A copy of up to `memoryBytes` is loaded, and verified against the
 * manifest's SHA-256. Of a larger copy only the length and the labels are checked, and images are read from the file.
 */
export async function readCache(copy: PackedPath, memoryBytes = DEFAULT_MEMORY_BYTES): Promise<Dataset | null> {
  const manifest = await readManifest(copy);
  if (!manifest) return null;
  const {
    shape: [imageSize],
    counts: { train, test, validation },
  } = manifest;
  const imageBytes = imageSize * imageSize * 3;
  const count = train + test + validation;
  if (manifest.bytes !== count * (4 + imageBytes)) return null;
  const name = file(copy, 'bin');
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
