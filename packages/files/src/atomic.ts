/** Files that readers see whole or not at all: written to a draft in the same folder, flushed, renamed. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const draftOf = (path: string): string => `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes bytes, text, or the chunks of a stream to `path`. The draft is removed if anything fails, also the stream.
 * `durable` flushes the folder too: once this resolves, the file survives a power cut. `draft` is a path in the same
 * folder; the default is unique. Throws file system errors (ENOSPC, EROFS, …) and errors of the stream.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  { draft = draftOf(path), mode = 0o666, durable = false }: { draft?: string; mode?: number; durable?: boolean } = {},
): Promise<void> {
  try {
    const handle = await open(draft, 'w', mode);
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
}

/** Like `writeAtomically`, for a short text where nothing can be awaited. */
export function writeAtomicallySync(path: string, text: string, { mode = 0o666 }: { mode?: number } = {}): void {
  const draft = draftOf(path);
  try {
    const file = openSync(draft, 'w', mode);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
