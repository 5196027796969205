import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from './errors.ts';

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ELOOP');

/**
 * Open a checkpoint's file for reading; whoever opened it closes it. Throws `gone` where there is no file of that name
 * and length any more. A link is no checkpoint.
 */
export async function openCheckpointFile(
  folder: string,
  { runId, file, bytes }: { runId: string; file: string; bytes: number },
): Promise<FileHandle> {
  const gone = new ApiError('gone', 'the file of this checkpoint was deleted from the checkpoint folder');
  const handle = await open(join(folder, runId, file), constants.O_RDONLY | constants.O_NOFOLLOW).catch((error) => {
    throw isMissing(error) ? gone : error;
  });
  const { size } = await handle.stat();
  if (size === bytes) return handle;
  await handle.close();
  throw gone;
}
