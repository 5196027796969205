/** Weights from a URL, kept under their sha256: fetched once, verified before they are used. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MAX_WEIGHTS_BYTES } from './file.ts';

export type Download = {
  url: string;
  /** What the bytes must hash to, 64 hexadecimal digits: the user's word for which weights are meant. */
  sha256: string;
  /** Folder that keeps what was fetched. */
  cache: string;
  maxBytes?: number;
  /** Seconds without a byte after which the download is given up. */
  idleSeconds?: number;
};

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );

/**
 * Fetch weights; the path of the verified file.
 * @throws Error where the URL is not http(s), the server does not answer 200, the file is larger than `maxBytes`, or its hash is another.
 */
export async function downloadWeights({
  url,
  sha256,
  cache,
  maxBytes = MAX_WEIGHTS_BYTES,
  idleSeconds = 60,
}: Download): Promise<string> {
  const wanted = sha256.toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(wanted)) throw new Error(`sha256 must be 64 hexadecimal digits, not "${sha256}"`);
  const { protocol } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new Error(`weights come over http or https, not ${protocol}`);
  const kept = join(cache, `${wanted}.safetensors`);
  if ((await exists(kept)) && (await hashOf(kept)) === wanted) return kept;

  await mkdir(cache, { recursive: true });
  const partial = join(cache, `${wanted}.${process.pid}.partial`);
  const abort = new AbortController();
  const giveUp = (): void => abort.abort(new Error(`${url}: no byte in ${idleSeconds} s`));
  let idle = setTimeout(giveUp, idleSeconds * 1000);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status} ${response.statusText}`);
    const hash = createHash('sha256');
    let bytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _, done) {
        clearTimeout(idle);
        idle = setTimeout(giveUp, idleSeconds * 1000);
        bytes += chunk.length;
        hash.update(chunk);
        done(bytes > maxBytes ? new Error(`${url} is larger than ${maxBytes} bytes`) : null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body), measure, createWriteStream(partial, { mode: 0o600 }), {
      signal: abort.signal,
    });
    const found = hash.digest('hex');
    if (found !== wanted)
      throw new Error(`${url} has sha256 ${found}, not ${wanted}: it is not the file that was meant`);
    await rename(partial, kept);
    return kept;
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    clearTimeout(idle);
    await rm(partial, { force: true });
  }
}
