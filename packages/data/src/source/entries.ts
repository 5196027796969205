/** The files of a tar archive or a folder, one at a time. Archives are untrusted: nothing is extracted, and everything has a limit. */
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { DatasetError } from '../dataset.ts';
import { fileKind, isSystemPath } from './file-kinds.ts';
import type { LeftOutFiles } from './left-out.ts';
import { followTar, type TarBlocks } from './tar-blocks.ts';
import { walkFolder } from './walk.ts';

/** `path` is relative, with forward slashes. `problem`: why `read` will fail. `read` is valid until the next entry is requested. */
export type Entry = { path: string; problem?: string; read(): Promise<Uint8Array> };

type Caps = {
  /** Files and folders in one data set. */
  entries: number;
  /** Bytes of one file. */
  fileBytes: number;
  /** Bytes of all files together, after decompression. */
  totalBytes: number;
  /** Decompressed bytes per compressed byte, checked after the first 16 MiB. */
  ratio: number;
};
export const CAPS: Caps = { entries: 3_000_000, fileBytes: 256 * 2 ** 20, totalBytes: 512 * 2 ** 30, ratio: 100 };
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

/** One file of a folder cannot be opened. */
export class UnreadableError extends DatasetError {
  override name = 'UnreadableError';
}

/** Fails when the data passes a limit: a small archive may decompress to any size. */
const capped = (
  { totalBytes, ratio }: Caps,
  archive: string,
  { compressed, blocks }: { compressed: () => number; blocks: TarBlocks },
): Transform => {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > totalBytes) done(new DatasetError(`${archive}: refused: more than ${totalBytes} bytes in all`));
      else if (seen > RATIO_FROM_BYTES && seen > ratio * compressed())
        done(new DatasetError(`${archive}: refused: decompresses to more than ${ratio} times its size`));
      else {
        blocks.add(chunk);
        done(null, chunk);
      }
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
      throw new DatasetError(`${archive}: is a zip archive; unpack it with \`unzip\`, or repack it as tar`);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/**
 * Files of a tar archive, gzipped or not, in the archive's order.
 * @throws DatasetError on links, devices, absolute paths, `..`, NUL bytes, a truncated archive, and anything above a limit
 */
export async function* tarEntries(file: string, caps: Caps = CAPS, leftOut?: LeftOutFiles): AsyncGenerator<Entry> {
  const archive = path.basename(file);
  const gunzip = (await isGzip(file)) ? createGunzip() : undefined;
  const tar = extract();
  const source = createReadStream(file, { highWaterMark: 2 ** 20 });
  const blocks = followTar();
  const limit = capped(caps, archive, { compressed: () => source.bytesRead, blocks });
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
      if (next.done) {
        if (!blocks.ended)
          throw new DatasetError(`${archive}: truncated: its end-of-archive block is missing; download it again`);
        return;
      }
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
      const inside = name.replace(/^(\.\/)+/, '');
      if (type !== 'directory' && isSystemPath(inside)) leftOut?.add('hidden', inside);
      else if (type !== 'directory') yield { path: inside, read };
      if (!isRead) entry.resume();
    }
  } finally {
    for (const stage of stages) stage.destroy();
    tar.destroy();
  }
}

/**
 * Files below a folder, in a fixed order. Links are followed. A file above its limit is refused when it is read.
 * @throws DatasetError above a limit. Reading throws UnreadableError if the file cannot be opened
 */
export async function* folderEntries(root: string, caps: Caps = CAPS, leftOut?: LeftOutFiles): AsyncGenerator<Entry> {
  let total = 0;
  for await (const batch of walkFolder(root, { limit: caps.entries, leftOut }))
    for (const { path: name, full, size, problem } of batch) {
      if (fileKind(name) !== 'other') total += size; // an archive beside the images is not read
      if (total > caps.totalBytes)
        throw new DatasetError(`${root}: refused: more than ${caps.totalBytes} bytes in all`);
      yield {
        path: name,
        problem,
        async read() {
          if (problem) throw new UnreadableError(`${name}: ${problem}`);
          if (size > caps.fileBytes) throw new DatasetError(`${name}: refused: more than ${caps.fileBytes} bytes`);
          try {
            return await readFile(full);
          } catch (error) {
            throw new UnreadableError(`${name}: cannot be opened (${error instanceof Error ? error.message : error})`);
          }
        },
      };
    }
}
