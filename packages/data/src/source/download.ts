/** Official files, fetched when no copy is found. */
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DatasetError, type OnProgress } from '../dataset.ts';
import type { OfficialFile } from './official.ts';

const STALLED_MS = 30_000;

const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};

/**
 * Fetch a file into `folder`: to a temporary name, checked, then renamed.
 * @returns its path
 * @throws DatasetError without a network, when nothing arrives for 30 s, or when length or checksum differ
 */
export async function download(
  { url, file, bytes, md5 }: OfficialFile,
  { folder, onProgress }: { folder: string; onProgress?: OnProgress },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const target = path.join(folder, file);
  const temporary = `${target}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const abort = new AbortController();
  const stalled = () => abort.abort(new Error(`nothing arrived for ${STALLED_MS / 1000} s`));
  let watchdog = setTimeout(stalled, STALLED_MS);
  const hash = createHash('md5');
  let done = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      clearTimeout(watchdog);
      watchdog = setTimeout(stalled, STALLED_MS);
      hash.update(chunk);
      done += chunk.length;
      onProgress?.({ stage: 'downloading', done, total: bytes });
      next(done > bytes ? new Error(`more than the expected ${bytes} bytes`) : null, chunk);
    },
  });
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), meter, createWriteStream(temporary, { flags: 'wx' }), {
      signal: abort.signal,
    });
    if (done !== bytes) throw new Error(`${done} bytes instead of ${bytes}`);
    const found = hash.digest('hex');
    if (found !== md5) throw new Error(`MD5 ${found} instead of ${md5}`);
    await rename(temporary, target);
    return target;
  } catch (error) {
    await rm(temporary, { force: true });
    throw new DatasetError(`cannot download ${url} (${reason(error)}); put ${file} into a folder named in ABLATE_DATA`);
  } finally {
    clearTimeout(watchdog);
  }
}
