/**
 * A packed copy in the making: `<stem>.part`, the pixels in the order in which they came, and `<stem>.journal`, what they are. Packing that was
 * interrupted goes on behind the journal's last whole line; a source gives its images in one order, so nothing else need be remembered.
 */
import { open, readFile, rm } from 'node:fs/promises';
import { nullIfMissing } from '@ablate/files';
import { z } from 'zod';
import { type CachePlace, file } from './cache-place.ts';

const Picture = z.strictObject({
  set: z.enum(['train', 'validation', 'test']),
  className: z.string(),
  classIndex: z.int().min(0).optional(),
  order: z.string(),
  lossy: z.boolean(),
});
const Broken = z.strictObject({ broken: z.string() });
const Line = z.strictObject({ size: z.int().min(1).nullable(), records: z.array(z.union([Picture, Broken])) });

/** An image that is in the part file; its place there is its place among these records. */
export type PictureRecord = z.infer<typeof Picture>;
export type PackRecord = PictureRecord | z.infer<typeof Broken>;

const FLUSH_MS = 2000;

export type Partial = {
  readonly records: readonly PackRecord[];
  /** Side of the images; null before the first. */
  readonly size: number | null;
  append(size: number | null, records: readonly PackRecord[], pixels: Uint8Array): Promise<void>;
  /** Pictures at these places, one behind the other. */
  readMany(places: Int32Array, imageBytes: number): Promise<Uint8Array>;
  /** Close; what was appended is there for the next who opens it. */
  close(): Promise<void>;
};

async function readJournal(name: string): Promise<{ lines: z.infer<typeof Line>[]; bytes: number }> {
  const text = (await nullIfMissing(readFile(name, 'utf8'))) ?? '';
  const lines: z.infer<typeof Line>[] = [];
  let bytes = 0;
  // What follows the last line feed was cut off; what does not parse was never flushed.
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

/** Open what an earlier packer has left behind, or begin. */
export async function openPartial(at: CachePlace): Promise<Partial> {
  const found = await readJournal(file(at, 'journal'));
  const records: PackRecord[] = found.lines.flatMap((line) => line.records);
  let size = found.lines.find((line) => line.size !== null)?.size ?? null;
  const part = await open(file(at, 'part'), 'a+').then(async (made) => {
    await made.close();
    return open(file(at, 'part'), 'r+'); // 'a+' writes at the end only, whatever position is given
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
  let flushed = Date.now();

  async function flush(): Promise<void> {
    const text = Buffer.from(unsaved.map((line) => `${JSON.stringify(line)}\n`).join(''));
    unsaved = [];
    await part.datasync(); // the journal must not speak of what a power cut takes away
    await journal.write(text, 0, text.length, journalBytes);
    journalBytes += text.length;
    flushed = Date.now();
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
      if (Date.now() - flushed > FLUSH_MS) await flush();
    },
    async readMany(places, imageBytes) {
      const pixels = new Uint8Array(places.length * imageBytes);
      for (let first = 0; first < places.length; ) {
        // Neighbours are read at once: most sources give their images in order.
        let last = first + 1;
        while (last < places.length && places[last] === places[last - 1]! + 1) last++;
        const wanted = (last - first) * imageBytes;
        const { bytesRead } = await part.read(pixels, first * imageBytes, wanted, places[first]! * imageBytes);
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

export const removePartial = async (place: CachePlace): Promise<void> => {
  await rm(file(place, 'journal'), { force: true });
  await rm(file(place, 'part'), { force: true });
};
