/** Weights from a URL, cached by their SHA-256: downloaded once, verified before each use. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { download, isVerified } from '@ablate/files';
import { MAX_WEIGHTS_BYTES } from './file.ts';

export type Download = {
  url: string;
  /** 64 hexadecimal digits: nothing unverified is loaded. */
  sha256: string;
  /** Folder that keeps what was downloaded. */
  cache: string;
  maxBytes?: number;
  /** Seconds without a byte after which the download fails. */
  idleSeconds?: number;
};

/**
 * Downloads weights, unless the cache has them; the path of the verified file.
 * @throws Error if the URL is not http(s), the server does not answer 200, the file is larger than `maxBytes`, or its
 * SHA-256 differs
 */
export async function downloadWeights({
  url,
  sha256: given,
  cache,
  maxBytes = MAX_WEIGHTS_BYTES,
  idleSeconds,
}: Download): Promise<string> {
  const sha256 = given.toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`sha256 must be 64 hexadecimal digits, not "${given}"`);
  const { protocol } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new Error(`weights are downloaded over http or https, not ${protocol}`);
  const path = join(cache, `${sha256}.safetensors`);
  if (await isVerified(path, { sha256 })) return path;
  await mkdir(cache, { recursive: true });
  await download(url, path, { expected: { sha256, maxBytes }, idleSeconds });
  return path;
}
