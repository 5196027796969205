import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CheckpointFile } from '@ablate/contracts';
import { type CheckpointStore, checkpointKey } from './store.ts';

type Recorded = Pick<CheckpointFile, 'file' | 'sha256' | 'bytes'>;

async function isWhole(path: string, { bytes, sha256 }: Recorded): Promise<boolean> {
  const found = await stat(path).catch(() => undefined); // not there: not whole
  if (found?.size !== bytes) return false;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex') === sha256;
}

/**
 * Have a recorded checkpoint in the local folder of its run, with the bytes that were recorded.
 * @returns why it could not be had, or null when it is there
 */
export async function fetchCheckpoint(
  store: CheckpointStore,
  { runId, folder }: { runId: string; folder: string },
  recorded: Recorded,
): Promise<string | null> {
  const path = join(folder, recorded.file);
  if (await isWhole(path, recorded)) return null;
  const stored = await store.get(checkpointKey(runId, recorded.file));
  if (stored === null) return `${recorded.file} is not in ${store.address}`;
  await mkdir(folder, { recursive: true });
  const partial = `${path}.partial`;
  const hash = createHash('sha256');
  let bytes = 0;
  // Never more than was recorded, whatever the store sends.
  const measure = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(bytes > recorded.bytes ? new Error('it is longer than what was recorded') : null, chunk);
    },
  });
  try {
    await pipeline(stored.stream, measure, createWriteStream(partial, { flush: true }));
    if (bytes !== recorded.bytes)
      return `${recorded.file} has ${bytes} bytes in ${store.address}, not ${recorded.bytes}`;
    if (hash.digest('hex') !== recorded.sha256)
      return `${recorded.file} is damaged in ${store.address}: its SHA-256 is another`;
    await rename(partial, path);
    return null;
  } catch (error) {
    if (bytes > recorded.bytes)
      return `${recorded.file} is longer in ${store.address} than the ${recorded.bytes} bytes recorded`;
    throw error;
  } finally {
    await rm(partial, { force: true });
  }
}
