/** Reads a file that a trainer reported: hostile until its length and hash are checked. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@ablate/files';

/** The bytes of a file of `folder`. Throws, naming the file, if its length or hash is not the one that was reported. */
export async function readVerifiedFile(
  folder: string,
  { file, sha256: expected, bytes: size }: { file: string; sha256: string; bytes: number },
): Promise<Buffer> {
  const path = join(folder, file);
  const found = await stat(path);
  if (found.size !== size) throw new Error(`${file}: size mismatch: expected ${size} bytes, found ${found.size}`);
  const bytes = await readFile(path);
  const hash = sha256(bytes);
  if (hash !== expected) throw new Error(`${file}: SHA-256 mismatch: expected ${expected}, found ${hash}`);
  return bytes;
}
