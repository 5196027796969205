import { writeAtomically } from './atomic.ts';
import { type Expected, verified } from './verified.ts';

type DownloadOptions = {
  expected: Expected;
  /** Seconds without a byte after which the download fails. */
  idleSeconds?: number;
  /** Receives the bytes so far. */
  onProgress?: (bytes: number) => void;
  signal?: AbortSignal;
};

const reasonFor = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};

/**
 * Downloads a file to `path` over HTTP: it appears whole and verified, or not at all. Throws Error, naming the URL, if
 * the server cannot be reached, does not answer 2xx or falls silent, or if length or hash differ; throws the reason of
 * `signal` if that aborts.
 */
export async function download(
  url: string,
  path: string,
  { expected, idleSeconds = 60, onProgress, signal }: DownloadOptions,
): Promise<void> {
  const silent = new AbortController();
  const idle = setTimeout(() => silent.abort(new Error(`no data for ${idleSeconds} s`)), idleSeconds * 1000);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, silent.signal]) : silent.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status} ${response.statusText}`);
    const body = verified(response.body, expected, (bytes) => {
      idle.refresh();
      onProgress?.(bytes);
    });
    await writeAtomically(path, body);
  } catch (error) {
    signal?.throwIfAborted();
    const cause: unknown = silent.signal.aborted ? silent.signal.reason : error;
    throw new Error(`cannot download ${url}: ${reasonFor(cause)}`, { cause });
  } finally {
    clearTimeout(idle);
    silent.abort(); // ends a response that was not read to its end
  }
}
