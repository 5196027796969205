/**
 * An unfinished packed copy: `<stem>.part` contains the pixels in source order, `<stem>.journal` a record for each image. After an
 * interruption, packing resumes after the journal's last complete line. A source has a fixed order, so no other state is needed.
 */
import { open, readFile, rm } from 'node:fs/promises';
import { nullIfMissing } from '@ablate/files';
import { z } from 'zod';
import { file, type PackedPath } from './files.ts';

const Picture = z.strictObject({
  set: z.enum(['train', 'validation', 'test']),
  className: z.string(),
  classIndex: z.int().min(0).optional(),
  order: z.string(),
  lossy: z.boolean(),
  /** Of a file with 16 bits per channel: how many its largest value uses. */
  bitsUsed: z.int().min(0).max(16).optional(),
});
const Broken = z.strictObject({ broken: z.string() });
const Line = z.strictObject({ size: z.int().min(1).nullable(), records: z.array(z.union([Picture, Broken])) });

/** An image in the part file; its index there is its index among these records. */
export type PictureRecord = z.infer<typeof Picture>;
export type PackRecord = PictureRecord | z.infer<typeof Broken>;

const FLUSH_MS = 2000;

export type PartialPack = {
  readonly records: readonly PackRecord[];
  /** Side of the images; null before the first. */
  readonly size: number | null;
  append(size: number | null, records: readonly PackRecord[], pixels: Uint8Array): Promise<void>;
  /** Pixels of the pictures at these indices, concatenated. */
  readMany(indices: Int32Array, imageBytes: number): Promise<Uint8Array>;
  /** Flush and close. `openPartialPack` resumes from here. */
  close(): Promise<void>;
};

async function readJournal(name: string): Promise<{ lines: z.infer<typeof Line>[]; bytes: number }> {
  const text = (await nullIfMissing(readFile(name, 'utf8'))) ?? '';
  const lines: z.infer<typeof Line>[] = [];
  let bytes = 0;
  // Text after the last line feed is truncated; a line that does not parse was never flushed.
  for (const line of text.split('\n').slice(0, -1)) {
    let parsed: ReturnType<typeof Line.safeParse>;
    try {
      parsed = Line.safeParse(JSON.parse(line));
    } catch (error) {
      if (error instanceof SyntaxError) break;
      throw error;
    }
    if (!parsed.success) break;
    lines.push(parsed.data);
    bytes += Buffer.byteLength(line) + 1;
  }
  return { lines, bytes };
}

const isPicture = (record: PackRecord): record is PictureRecord => !('broken' in record);

/** Open the files of an interrupted packer, or create them. */
export async function openPartialPack(at: PackedPath): Promise<PartialPack> {
  const found = await readJournal(file(at, 'journal'));
  const records: PackRecord[] = found.lines.flatMap((line) => line.records);
  let size = found.lines.find((line) => line.size !== null)?.size ?? null;
  const part = await open(file(at, 'part'), 'a+').then(async (made) => {
    await made.close();
    return open(file(at, 'part'), 'r+'); // 'a+' ignores the position and writes at the end
  });
  const journal = await open(file(at, 'journal'), 'a+').then(async (made) => {
    await made.close();
    return open(file(at, 'journal'), 'r+');
  });
  let pictures = records.filter(isPicture).length;
  let journalBytes = found.bytes;
  if ((await part.stat()).size < pictures * (size ?? 0) ** 2 * 3) {
    records.length = 0;
    [pictures, journalBytes, size] = [0, 0, null];
  }
  let unsaved: z.infer<typeof Line>[] = [];
  let flushed = performance.now();

  async function flush(): Promise<void> {
    const text = Buffer.from(unsaved.map((line) => `${JSON.stringify(line)}\n`).join(''));
    unsaved = [];
    await part.datasync(); // on disk before the journal refers to it: survives a power cut
    await journal.write(text, 0, text.length, journalBytes);
    journalBytes += text.length;
    flushed = performance.now();
  }

  return {
    records,
    get size() {
      return size;
    },
    async append(imageSize, added, pixels) {
      size ??= imageSize;
      if (pixels.length > 0) await part.write(pixels, 0, pixels.length, pictures * (size ?? 0) ** 2 * 3);
      pictures += added.filter(isPicture).length;
      records.push(...added);
      unsaved.push({ size, records: [...added] });
      if (performance.now() - flushed > FLUSH_MS) await flush();
    },
    async readMany(indices, imageBytes) {
      const pixels = new Uint8Array(indices.length * imageBytes);
      for (let first = 0; first < indices.length; ) {
        // Read consecutive images at once: most sources are in order already.
        let last = first + 1;
        while (last < indices.length && indices[last] === indices[last - 1]! + 1) last++;
        const wanted = (last - first) * imageBytes;
        const { bytesRead } = await part.read(pixels, first * imageBytes, wanted, indices[first]! * imageBytes);
        if (bytesRead !== wanted) throw new Error(`${file(at, 'part')} ends within image ${last - 1}`);
        first = last;
      }
      return pixels;
    },
    async close() {
      try {
        if (unsaved.length > 0) await flush();
      } finally {
        await part.close();
        await journal.close();
      }
    },
  };
}

export const removePartialPack = async (copy: PackedPath): Promise<void> => {
  await rm(file(copy, 'journal'), { force: true });
  await rm(file(copy, 'part'), { force: true });
};
