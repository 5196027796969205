/** Checkpoint files on disk: written atomically, and read only if length and SHA-256 are those that were recorded. */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckpointFile } from '@ablate/contracts';
import { nullIfMissing, sha256, writeAtomically } from '@ablate/files';

/** Bytes of the largest checkpoint that can be read: the limit of `readFile`. */
const MAX_CHECKPOINT_BYTES = 2 ** 31 - 1;

type Kind = CheckpointFile['kind'];
type Written = Pick<CheckpointFile, 'file' | 'sha256' | 'bytes'>;

/** The name holds the attempt: two attempts of one run never write the same file. */
const fileName = (kind: Kind, attempt: number, step: number): string => `${kind}-${attempt}-${step}.safetensors`;

const attemptOf = (file: string): number | undefined => {
  const match = /^(?:best|last)-(\d+)-\d+\.safetensors(?:\.partial)?$/.exec(file);
  return match?.[1] === undefined ? undefined : Number(match[1]);
};

/** Writes a checkpoint atomically and durably. Throws file system errors (ENOSPC, EROFS, …). */
export async function writeCheckpoint(
  folder: string,
  { kind, attempt, step }: { kind: Kind; attempt: number; step: number },
  bytes: Uint8Array,
): Promise<Written> {
  await mkdir(folder, { recursive: true });
  const file = fileName(kind, attempt, step);
  const path = join(folder, file);
  await writeAtomically(path, bytes, { draft: `${path}.partial`, mode: 0o644, durable: true });
  return { file, sha256: sha256(bytes), bytes: bytes.byteLength };
}

/** The bytes of a recorded checkpoint, or the reason why it is refused. */
export async function readCheckpoint(
  folder: string,
  { file, sha256: expected, bytes: size }: CheckpointFile,
): Promise<{ bytes: Uint8Array } | { refused: string }> {
  const path = join(folder, file);
  try {
    const found = await stat(path);
    if (found.size !== size) return { refused: `${file}: size mismatch: expected ${size} bytes, found ${found.size}` };
    if (size > MAX_CHECKPOINT_BYTES)
      return { refused: `${file}: larger than ${MAX_CHECKPOINT_BYTES} bytes, which is the limit` };
    const bytes = await readFile(path);
    const hash = sha256(bytes);
    return hash === expected
      ? { bytes }
      : { refused: `${file}: SHA-256 mismatch: expected ${expected}, found ${hash}` };
  } catch (error) {
    return { refused: `${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Delete a file that a newer checkpoint replaced. A missing file is not an error. */
export const removeCheckpoint = (folder: string, file: string): Promise<void> =>
  rm(join(folder, file), { force: true });

/**
 * Delete the checkpoint files of attempts up to `attempt` that are not in `keep`; returns their names. Files of later
 * attempts are never deleted: a worker that resumes after a freeze must not delete its successor's files.
 */
export async function removeStrays(folder: string, attempt: number, keep: ReadonlySet<string>): Promise<string[]> {
  const files = (await nullIfMissing(readdir(folder))) ?? [];
  const strays = files.filter((file) => (attemptOf(file) ?? Number.POSITIVE_INFINITY) <= attempt && !keep.has(file));
  await Promise.all(strays.map((file) => removeCheckpoint(folder, file)));
  return strays;
}
