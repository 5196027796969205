/** Bytes compared with the length and the hash that they must have. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isMissingPath } from './missing.ts';

const HASHES = { sha256: 'SHA-256', md5: 'MD5' } as const;
type Algorithm = keyof typeof HASHES;

/** A hash in hexadecimal digits, and the exact length or the largest one. */
export type Expected = ({ sha256: string } | { md5: string }) & { bytes?: number; maxBytes?: number };

const hashOf = (expected: Expected): [Algorithm, string] =>
  'sha256' in expected ? ['sha256', expected.sha256] : ['md5', expected.md5];

/** Bytes are not those that were expected. The message names neither file nor address: the caller adds them. */
export class MismatchError extends Error {
  override name = 'MismatchError';
}

/** SHA-256 in hexadecimal digits. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Passes chunks on, and throws MismatchError after the last one if length or hash differ, or as soon as there are too
 * many bytes. `onProgress` receives the bytes so far.
 */
export async function* verified<Chunk extends Uint8Array>(
  chunks: AsyncIterable<Chunk>,
  expected: Expected,
  onProgress?: (bytes: number) => void,
): AsyncGenerator<Chunk, void, void> {
  const { bytes: length, maxBytes = length ?? Number.POSITIVE_INFINITY } = expected;
  const [algorithm, digest] = hashOf(expected);
  const hash = createHash(algorithm);
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new MismatchError(`length mismatch: longer than ${maxBytes} bytes`);
    hash.update(chunk);
    onProgress?.(bytes);
    yield chunk;
  }
  if (length !== undefined && bytes !== length)
    throw new MismatchError(`length mismatch: expected ${length} bytes, found ${bytes}`);
  const found = hash.digest('hex');
  if (found !== digest) throw new MismatchError(`${HASHES[algorithm]} mismatch: expected ${digest}, found ${found}`);
}

/** Reads a file in chunks of `chunkBytes`. Throws MismatchError, naming the file, after the last chunk. */
export async function* readVerified(
  path: string,
  expected: Expected,
  { chunkBytes = 2 ** 20, onProgress }: { chunkBytes?: number; onProgress?: (bytes: number) => void } = {},
): AsyncGenerator<Buffer, void, void> {
  const stream: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: chunkBytes });
  try {
    yield* verified(stream, expected, onProgress);
  } catch (error) {
    throw error instanceof MismatchError ? new MismatchError(`${path}: ${error.message}`) : error;
  }
}

/** Whether a file exists and has this length and hash. Reads all of it. */
export async function isVerified(
  path: string,
  expected: Expected,
  onProgress?: (bytes: number) => void,
): Promise<boolean> {
  try {
    if (expected.bytes !== undefined && (await stat(path)).size !== expected.bytes) return false;
    for await (const _ of readVerified(path, expected, { onProgress }));
    return true;
  } catch (error) {
    if (error instanceof MismatchError || isMissingPath(error)) return false;
    throw error;
  }
}
