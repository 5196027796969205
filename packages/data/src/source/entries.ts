/** The files of a tar archive or a folder, one at a time. Archives are untrusted: nothing is extracted, and everything has a limit. */
import { createReadStream } from 'node:fs';
import { open, opendir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { DatasetError } from '../dataset.ts';

/** `path` is relative, with forward slashes. `read` is valid until the next entry is requested. */
export type Entry = { path: string; read(): Promise<Uint8Array> };

export type Caps = {
  /** Files and folders in one data set. */
  entries: number;
  /** Bytes of one file. */
  fileBytes: number;
  /** Bytes of all files together, after decompression. */
  totalBytes: number;
  /** Decompressed bytes per compressed byte, checked after the first 16 MiB. */
  ratio: number;
};
const CAPS: Caps = { entries: 3_000_000, fileBytes: 256 * 2 ** 20, totalBytes: 512 * 2 ** 30, ratio: 100 };
const RATIO_FROM_BYTES = 16 * 2 ** 20;

function checkName(name: string, archive: string): void {
  const parts = name.split('/');
  const wrong = name.includes('\0')
    ? 'contains a NUL byte'
    : name.startsWith('/') || /^[a-zA-Z]:/.test(name)
      ? 'is absolute'
      : name.includes('\\')
        ? 'contains a backslash'
        : parts.includes('..')
          ? 'leaves the archive with ".."'
          : undefined;
  if (wrong) throw new DatasetError(`${archive}: refused: entry ${JSON.stringify(name.slice(0, 200))} ${wrong}`);
}

/** Fails when the data passes a limit: a small archive may decompress to any size. */
const capped = ({ totalBytes, ratio }: Caps, archive: string, compressed: () => number): Transform => {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > totalBytes) done(new DatasetError(`${archive}: refused: more than ${totalBytes} bytes in all`));
      else if (seen > RATIO_FROM_BYTES && seen > ratio * compressed())
        done(new DatasetError(`${archive}: refused: decompresses to more than ${ratio} times its size`));
      else done(null, chunk);
    },
  });
};

/** Detected by the first bytes, not by the name. @throws DatasetError for an empty file and for a zip archive */
async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const archive = path.basename(file);
    if (bytesRead === 0) throw new DatasetError(`${archive}: is empty; download it again`);
    if (buffer.toString('latin1') === 'PK\u0003\u0004')
      throw new DatasetError(`${archive}: is a zip archive; unpack it, or repack it as tar`);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/**
 * Files of a tar archive, gzipped or not, in the archive's order.
 * @throws DatasetError on links, devices, absolute paths, `..`, NUL bytes, and anything above a limit
 */
export async function* tarEntries(file: string, caps: Caps = CAPS): AsyncGenerator<Entry> {
  const archive = path.basename(file);
  const gunzip = (await isGzip(file)) ? createGunzip() : undefined;
  const tar = extract();
  const source = createReadStream(file, { highWaterMark: 2 ** 20 });
  const limit = capped(caps, archive, () => source.bytesRead);
  const stages = [source, ...(gunzip ? [gunzip] : []), limit];
  const fail = (error: Error) => tar.destroy(error);
  for (const stage of stages) stage.on('error', fail);
  (gunzip ? source.pipe(gunzip) : source).pipe(limit).pipe(tar);

  const unreadable = (error: unknown) =>
    error instanceof DatasetError
      ? error
      : new DatasetError(
          `${archive}: not a readable tar archive (${error instanceof Error ? error.message : error}); download it again`,
        );
  let entries = 0;
  const tarStream = tar[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await tarStream.next().catch((error: unknown) => {
        throw unreadable(error);
      });
      if (next.done) return;
      const entry = next.value;
      const { name, type, size } = entry.header;
      if (++entries > caps.entries) throw new DatasetError(`${archive}: refused: more than ${caps.entries} entries`);
      checkName(name, archive);
      if (type !== 'file' && type !== 'directory' && type !== 'contiguous-file')
        throw new DatasetError(`${archive}: refused: entry ${JSON.stringify(name)} is a ${type ?? 'special file'}`);
      if ((size ?? 0) > caps.fileBytes)
        throw new DatasetError(
          `${archive}: refused: entry ${JSON.stringify(name)} has more than ${caps.fileBytes} bytes`,
        );
      let isRead = false;
      const read = async () => {
        isRead = true;
        const chunks: Uint8Array[] = [];
        try {
          for await (const chunk of entry) if (chunk instanceof Uint8Array) chunks.push(chunk);
        } catch (error) {
          throw unreadable(error);
        }
        return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      };
      if (type !== 'directory') yield { path: name.replace(/^(\.\/)+/, ''), read };
      if (!isRead) entry.resume();
    }
  } finally {
    for (const stage of stages) stage.destroy();
    tar.destroy();
  }
}

/** Regular files below a folder, sorted by path. @throws DatasetError on links and special files, and above a limit */
export async function* folderEntries(root: string, caps: Caps = CAPS): AsyncGenerator<Entry> {
  let entries = 0;
  let total = 0;
  async function* walk(folder: string): AsyncGenerator<Entry> {
    const children = [];
    for await (const child of await opendir(folder)) {
      if (++entries > caps.entries) throw new DatasetError(`${root}: refused: more than ${caps.entries} entries`);
      children.push(child);
    }
    children.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const child of children) {
      const full = path.join(folder, child.name);
      if (child.isDirectory()) yield* walk(full);
      else if (!child.isFile()) throw new DatasetError(`${full}: refused: neither a file nor a folder`);
      else {
        const { size } = await stat(full);
        total += size;
        if (size > caps.fileBytes) throw new DatasetError(`${full}: refused: more than ${caps.fileBytes} bytes`);
        if (total > caps.totalBytes)
          throw new DatasetError(`${root}: refused: more than ${caps.totalBytes} bytes in all`);
        yield { path: path.relative(root, full).split(path.sep).join('/'), read: () => readFile(full) };
      }
    }
  }
  yield* walk(root);
}
