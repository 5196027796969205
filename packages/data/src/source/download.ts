/** Official files, downloaded if no copy is found. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { download as downloadFile } from '@ablate/files';
import { DatasetError, type OnProgress } from '../dataset.ts';
import type { OfficialFile } from './official.ts';

const IDLE_SECONDS = 30;

/**
 * Downloads a file into `folder`, whole and verified.
 * @returns its path
 * @throws DatasetError without a network, if nothing arrives for 30 s, or if length or MD5 differ
 */
export async function download(
  { url, file, bytes, md5 }: OfficialFile,
  { folder, onProgress }: { folder: string; onProgress?: OnProgress },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const target = path.join(folder, file);
  try {
    await downloadFile(url, target, {
      expected: { md5, bytes },
      idleSeconds: IDLE_SECONDS,
      onProgress: (done) => onProgress?.({ stage: 'downloading', done, total: bytes }),
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DatasetError(`${message}; put ${file} into a folder named in ABLATE_DATA`);
  }
  return target;
}
