/** Checkpoint files on disk: written atomically, and read only if length and SHA-256 are those that were recorded. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckpointFile } from '@ablate/contracts';
import { MismatchError, nullIfMissing, readVerified, writeAtomically } from '@ablate/files';
import { MAX_CHECKPOINT_BYTES } from '@ablate/models/checkpoint-size';

/** Bytes that are hashed and written at a time: neither takes 2 GiB at once. */
const CHUNK_BYTES = 64 * 2 ** 20;

type Kind = CheckpointFile['kind'];
type Written = Pick<CheckpointFile, 'file' | 'sha256' | 'bytes'>;

/** The name holds the attempt: two attempts of one run never write the same file. */
const fileName = (kind: Kind, attempt: number, step: number): string => `${kind}-${attempt}-${step}.safetensors`;

const attemptOf = (file: string): number | undefined => {
  const match =
    /^(?:(?:best|last)-(\d+)-\d+|(?:predictions-[a-z]+|inside)-(\d+))\.(?:safetensors|png)(?:\.partial)?$/.exec(file);
  const attempt = match?.[1] ?? match?.[2];
  return attempt === undefined ? undefined : Number(attempt);
};

/**
 * Writes a checkpoint atomically and durably: it has its name once it is whole. `pieces` must not change meanwhile.
 * Throws file system errors (ENOSPC, EROFS, …).
 */
export async function writeCheckpoint(
  folder: string,
  { kind, attempt, step }: { kind: Kind; attempt: number; step: number },
  pieces: readonly Uint8Array[],
): Promise<Written> {
  await mkdir(folder, { recursive: true });
  const file = fileName(kind, attempt, step);
  const path = join(folder, file);
  const hash = createHash('sha256');
  let bytes = 0;
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    for (const piece of pieces)
      for (let from = 0; from < piece.byteLength; from += CHUNK_BYTES) {
        const chunk = piece.subarray(from, from + CHUNK_BYTES);
        hash.update(chunk);
        bytes += chunk.byteLength;
        yield chunk;
      }
  }
  await writeAtomically(path, chunks(), { draft: `${path}.partial`, mode: 0o644, durable: true });
  return { file, sha256: hash.digest('hex'), bytes };
}

/** The bytes of a recorded checkpoint, or the reason why it is refused. */
export async function readCheckpoint(
  folder: string,
  { file, sha256, bytes: size }: CheckpointFile,
): Promise<{ bytes: Uint8Array } | { refused: string }> {
  const path = join(folder, file);
  try {
    const found = await stat(path);
    if (found.size !== size) return { refused: `${file}: size mismatch: expected ${size} bytes, found ${found.size}` };
    if (size > MAX_CHECKPOINT_BYTES)
      return { refused: `${file}: larger than ${MAX_CHECKPOINT_BYTES} bytes, which is the limit` };
    const bytes = new Uint8Array(size);
    let at = 0;
    for await (const chunk of readVerified(path, { sha256, bytes: size }, { chunkBytes: CHUNK_BYTES })) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return { bytes };
  } catch (error) {
    if (error instanceof MismatchError) return { refused: error.message.replace(path, file) };
    return { refused: `${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Delete a file that a newer checkpoint replaced. A missing file is not an error. */
export const removeCheckpoint = (folder: string, file: string): Promise<void> =>
  rm(join(folder, file), { force: true });

/**
 * Delete the files of attempts up to `attempt` that are not in `keep`; returns their names. Files of later
 * attempts are never deleted: a worker that resumes after a freeze must not delete its successor's files.
 */
export async function removeStrays(folder: string, attempt: number, keep: ReadonlySet<string>): Promise<string[]> {
  const files = (await nullIfMissing(readdir(folder))) ?? [];
  const strays = files.filter((file) => (attemptOf(file) ?? Number.POSITIVE_INFINITY) <= attempt && !keep.has(file));
  await Promise.all(strays.map((file) => removeCheckpoint(folder, file)));
  return strays;
}
