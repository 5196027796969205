/** Packed data sets on disk: `<name>-<key>.bin` with the raw bytes, and beside it `.json`, the manifest, written last. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { endianness } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { type Dataset, DatasetError, type ImageSet } from './dataset.ts';
import { channelStatistics, type Packed } from './pack.ts';

const channels = z.tuple([z.number(), z.number(), z.number()]);
const Manifest = z.strictObject({
  name: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1),
  imageSize: z.int().min(1),
  classes: z.array(z.string()).min(2),
  train: z.int().min(1),
  test: z.int().min(1),
  mean: channels,
  std: channels,
  source: z.string(),
  note: z.string().optional(),
});
type Manifest = z.infer<typeof Manifest>;

/** Where one data set's packed form stands; `stem` is `<name>-<key>`. */
export type CachePlace = { folder: string; stem: string };

const file = ({ folder, stem }: CachePlace, extension: 'bin' | 'json') => path.join(folder, `${stem}.${extension}`);

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const asBytes = (labels: Int32Array) => new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);

/** In the order of the file. Labels are little-endian 32-bit integers. */
const parts = ({ train, test }: Pick<Packed, 'train' | 'test'>): Uint8Array[] => [
  asBytes(train.labels),
  asBytes(test.labels),
  train.images,
  test.images,
];

/** Readers see the whole file or none; two writers of the same bytes do not disturb each other. */
async function writeAtomically(target: string, chunks: Uint8Array[]): Promise<void> {
  const temporary = `${target}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      for (const chunk of chunks) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const ABANDONED_MS = 3_600_000;

/** What a process that was killed while it packed has left behind. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.tmp')) continue;
    const full = path.join(folder, name);
    const found = await stat(full).catch((error: unknown) => {
      if (isMissing(error)) return undefined; // its writer has just renamed it
      throw error;
    });
    if (found && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(full, { force: true });
  }
}

/** Write a packed data set. Statistics are measured on the training images. */
export async function writeCache(
  place: CachePlace,
  packed: Packed,
  { name, source, note }: { name: string; source: string; note?: string },
): Promise<void> {
  if (endianness() !== 'LE') throw new DatasetError('packed data sets are little-endian; this machine is not');
  const hash = createHash('sha256');
  let bytes = 0;
  for (const part of parts(packed)) {
    hash.update(part);
    bytes += part.length;
  }
  const manifest: Manifest = {
    name,
    sha256: hash.digest('hex'),
    bytes,
    imageSize: packed.imageSize,
    classes: packed.classes,
    train: packed.train.count,
    test: packed.test.count,
    ...channelStatistics(packed.train.images),
    source,
    ...(note ? { note } : {}),
  };
  await mkdir(place.folder, { recursive: true });
  await removeAbandoned(place.folder);
  await writeAtomically(file(place, 'bin'), parts(packed));
  await writeAtomically(file(place, 'json'), [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
}

async function readManifest(place: CachePlace): Promise<Manifest | null> {
  const text = await readFile(file(place, 'json'), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return Manifest.parse(JSON.parse(text));
  } catch {
    return null; // written by another version: packed again
  }
}

/** The whole file in memory that threads can share, or null when its length is not what the manifest says. */
async function readBytes(name: string, length: number): Promise<Uint8Array | null> {
  const handle = await open(name, 'r').catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (!handle) return null;
  try {
    if ((await handle.stat()).size !== length) return null;
    const bytes = new Uint8Array(new SharedArrayBuffer(length));
    for (let at = 0; at < length; ) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(length - at, 2 ** 30), at);
      if (bytesRead === 0) return null;
      at += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Open a packed data set, or null where there is none that is whole: its bytes are verified against the manifest's SHA-256. */
export async function readCache(place: CachePlace): Promise<Dataset | null> {
  const manifest = await readManifest(place);
  if (!manifest) return null;
  const { imageSize, train, test } = manifest;
  const imageBytes = imageSize * imageSize * 3;
  if (manifest.bytes !== (train + test) * (4 + imageBytes)) return null;
  const bytes = await readBytes(file(place, 'bin'), manifest.bytes);
  if (!bytes || createHash('sha256').update(bytes).digest('hex') !== manifest.sha256) return null;

  const labels = new Int32Array(bytes.buffer, 0, train + test);
  if (labels.some((label) => label < 0 || label >= manifest.classes.length)) return null;
  const images = bytes.subarray(labels.byteLength);
  const set = (from: number, count: number): ImageSet => ({
    images: images.subarray(from * imageBytes, (from + count) * imageBytes),
    labels: labels.subarray(from, from + count),
    count,
  });
  return {
    name: manifest.name,
    hash: manifest.sha256,
    imageSize,
    classes: manifest.classes,
    mean: manifest.mean,
    std: manifest.std,
    train: set(0, train),
    test: set(train, test),
    ...(manifest.note ? { note: manifest.note } : {}),
  };
}
