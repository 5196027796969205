/** The files of a tar archive or a folder, one at a time. Archives come from strangers: nothing is extracted, and everything is capped. */
import { createReadStream } from 'node:fs';
import { opendir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { DatasetError } from './dataset.ts';

/** `path` is relative, with forward slashes. */
export type Entry = { path: string; bytes: Uint8Array };

export type Caps = {
  /** Files and folders in one data set. */
  entries: number;
  /** Bytes of one file. */
  fileBytes: number;
  /** Bytes of all files together, after decompression. */
  totalBytes: number;
};
export const CAPS: Caps = { entries: 3_000_000, fileBytes: 64 * 2 ** 20, totalBytes: 16 * 2 ** 30 };

function refuseName(name: string, archive: string): void {
  const parts = name.split('/');
  const wrong = name.includes('\0')
    ? 'holds a NUL byte'
    : name.startsWith('/') || /^[a-zA-Z]:/.test(name)
      ? 'is absolute'
      : name.includes('\\')
        ? 'holds a backslash'
        : parts.includes('..')
          ? 'climbs out with ".."'
          : undefined;
  if (wrong) throw new DatasetError(`${archive}: refused, the entry ${JSON.stringify(name.slice(0, 200))} ${wrong}`);
}

/** Fails once more than `limit` bytes have passed: a small archive may decompress to anything. */
const capped = (limit: number, archive: string): Transform => {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > limit) done(new DatasetError(`${archive}: refused, it holds more than ${limit} bytes`));
      else done(null, chunk);
    },
  });
};

/**
 * Files of a `.tar`, `.tar.gz` or `.tgz`, in the archive's order.
 * @throws DatasetError on links, devices, absolute paths, `..`, NUL bytes, and anything above the caps
 */
export async function* tarEntries(file: string, caps: Caps = CAPS): AsyncGenerator<Entry> {
  const archive = path.basename(file);
  const tar = extract();
  const source = createReadStream(file);
  const gunzip = /\.t?gz$/.test(file) ? createGunzip() : undefined;
  const limit = capped(caps.totalBytes, archive);
  const stages = [source, ...(gunzip ? [gunzip] : []), limit];
  const fail = (error: Error) => tar.destroy(error);
  for (const stage of stages) stage.on('error', fail);
  (gunzip ? source.pipe(gunzip) : source).pipe(limit).pipe(tar);

  let entries = 0;
  try {
    for await (const entry of tar) {
      const { name, type, size } = entry.header;
      if (++entries > caps.entries)
        throw new DatasetError(`${archive}: refused, it has more than ${caps.entries} entries`);
      refuseName(name, archive);
      if (type !== 'file' && type !== 'directory' && type !== 'contiguous-file')
        throw new DatasetError(`${archive}: refused, the entry ${JSON.stringify(name)} is a ${type ?? 'special file'}`);
      if ((size ?? 0) > caps.fileBytes)
        throw new DatasetError(`${archive}: refused, ${JSON.stringify(name)} has more than ${caps.fileBytes} bytes`);
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry) if (chunk instanceof Uint8Array) chunks.push(chunk);
      if (type !== 'directory') yield { path: name.replace(/^(\.\/)+/, ''), bytes: Buffer.concat(chunks) };
    }
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    throw new DatasetError(
      `${archive}: not a readable tar archive (${error instanceof Error ? error.message : error})`,
    );
  } finally {
    for (const stage of stages) stage.destroy();
    tar.destroy();
  }
}

/** Regular files below a folder, sorted by path. Links are refused, as in an archive. */
export async function* folderEntries(root: string, caps: Caps = CAPS): AsyncGenerator<Entry> {
  let entries = 0;
  let total = 0;
  async function* walk(folder: string): AsyncGenerator<Entry> {
    const children = [];
    for await (const child of await opendir(folder)) {
      if (++entries > caps.entries)
        throw new DatasetError(`${root}: refused, it has more than ${caps.entries} entries`);
      children.push(child);
    }
    children.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const child of children) {
      const full = path.join(folder, child.name);
      if (child.isDirectory()) yield* walk(full);
      else if (!child.isFile()) throw new DatasetError(`${full}: refused, neither a file nor a folder`);
      else {
        const { size } = await stat(full);
        total += size;
        if (size > caps.fileBytes) throw new DatasetError(`${full}: refused, more than ${caps.fileBytes} bytes`);
        if (total > caps.totalBytes)
          throw new DatasetError(`${root}: refused, it holds more than ${caps.totalBytes} bytes`);
        yield { path: path.relative(root, full).split(path.sep).join('/'), bytes: await readFile(full) };
      }
    }
  }
  yield* walk(root);
}
