import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckpointFile } from '@ablate/contracts';
import { isVerified, MismatchError, verified, writeAtomically } from '@ablate/files';
import { type CheckpointStore, checkpointKey } from './store.ts';

type Recorded = Pick<CheckpointFile, 'file' | 'sha256' | 'bytes'>;

/**
 * Copies a recorded checkpoint from the store into the local folder of its run, unless it is there. It appears whole
 * and verified, or not at all.
 * @returns null, or why the store has no such file. Throws if the store or the folder cannot be used.
 */
export async function fetchCheckpoint(
  store: CheckpointStore,
  { runId, folder }: { runId: string; folder: string },
  { file, bytes, sha256 }: Recorded,
): Promise<string | null> {
  const path = join(folder, file);
  if (await isVerified(path, { bytes, sha256 })) return null;
  const stored = await store.get(checkpointKey(runId, file));
  if (stored === null) return `${file} is missing in ${store.address}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeAtomically(path, verified<Buffer>(stored.stream, { bytes, sha256 }), { draft: `${path}.partial` });
    return null;
  } catch (error) {
    if (error instanceof MismatchError) return `${file} is damaged in ${store.address}: ${error.message}`;
    throw error;
  } finally {
    stored.stream.destroy();
  }
}
