/** Damaged and hostile image files: one line each, and bounded memory. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { PackChoice } from '@ablate/contracts';
import { DatasetError, decodeImage, openBudget, openDataset } from '@ablate/data';
import { temporaryFolder } from '@ablate/harness/temporary';
import { countedRandom, randomKey } from '@ablate/random';
import sharp from 'sharp';
import { z } from 'zod';
import { imageFolder, writeFolder } from './archives.ts';
import { plainPng, pngOf } from './images.ts';

const fixtures = z
  .array(z.looseObject({ name: z.string(), file: z.base64().transform((text) => Buffer.from(text, 'base64')) }))
  .parse(
    JSON.parse(gunzipSync(readFileSync(new URL('../fixtures/data/pictures.json.gz', import.meta.url))).toString()),
  );

/** The message of a refusal: one line that begins with the name. Null if the file was decoded. */
async function refusal(file: Uint8Array, maxSide?: number): Promise<string | null> {
  try {
    const { width, height, pixels } = await decodeImage(file, 'train/cat/x', maxSide);
    assert.equal(pixels.length, width * height * 3);
    return null;
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    assert.match(error.message, /^train\/cat\/x: [^\n]{8,200}$/u);
    return error.message;
  }
}

test('truncated files are refused in one line, or are complete without the rest', async () => {
  const random = countedRandom(randomKey(1, 'truncate'));
  let refused = 0;
  for (const { file } of fixtures)
    for (let cut = 0; cut < 4; cut++)
      if ((await refusal(file.subarray(0, random.integer(file.length)))) !== null) refused++;
  assert.ok(refused > 3 * fixtures.length, `${refused} of ${4 * fixtures.length}`);
});

test('files with random bytes are refused in one line, or decoded', async () => {
  const random = countedRandom(randomKey(2, 'damage'));
  for (const { file } of fixtures)
    for (let round = 0; round < 5; round++) {
      const damaged = Buffer.from(file);
      for (let count = 1 + random.integer(8); count > 0; count--) {
        // Headers matter most.
        const at = random.integer(round < 3 ? Math.min(64, file.length) : file.length);
        damaged[at] = random.integer(256);
      }
      await refusal(damaged);
    }
  for (const start of ['\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'RIFFxxxxWEBP', 'II*\0', 'MM\0*', 'BM', ''])
    for (let round = 0; round < 40; round++) {
      const rest = Buffer.from(Array.from({ length: random.integer(200) }, () => random.integer(256)));
      assert.ok(await refusal(Buffer.concat([Buffer.from(start, 'latin1'), rest])), `${start} and random bytes`);
    }
});

test('refusals say what is wrong', async () => {
  const jpeg = fixtures.find(({ name }) => name === 'jpeg/no JFIF')?.file ?? Buffer.alloc(0);
  const frame = jpeg.indexOf('\xff\xc0', 0, 'latin1');
  const changed = (at: number, value: number) => Buffer.from(jpeg.map((byte, i) => (i === at ? value : byte)));
  const table: readonly [file: Uint8Array, message: RegExp][] = [
    [Buffer.alloc(0), /x: is empty$/],
    [Buffer.from('#!/bin/sh'), /x: not a JPEG, PNG, WebP, TIFF or BMP file$/],
    [Buffer.from('GIF89a'), /x: not a JPEG, PNG, WebP, TIFF or BMP file$/],
    [jpeg.subarray(0, 30), /x: damaged JPEG: its header is cut short$/],
    [jpeg.subarray(0, -9), /x: damaged or incomplete JPEG \(premature end of JPEG image\)$/],
    [changed(frame + 1, 0xc3), /lossless and hierarchical JPEG is not supported/],
    [changed(frame + 4, 12), /JPEG with 12 bits per channel is not supported/],
    [plainPng(9, 9).subarray(0, 50), /damaged or incomplete PNG/],
    [plainPng(1025, 9), /1025×9 pixels; sides must be between 1 and 1024/],
  ];
  for (const [file, message] of table) assert.match((await refusal(file)) ?? `decoded ${file.length} bytes`, message);
});

test('a header that lies about the size, or pixels that need too much memory, are refused before they are decoded', async () => {
  const bit = { width: 16_000, height: 16_000, colour: 0, depth: 1 } as const;
  assert.match(
    (await refusal(pngOf(bit, Buffer.alloc(9)), 16_384)) ?? 'decoded',
    /16000×16000 pixels need 977 MiB to decode, above the limit of 512 MiB; scale the image down/,
  );
  // 64 MiB behind a header of 10×10 pixels.
  const small = { width: 10, height: 10, colour: 2, depth: 8 } as const;
  for (const interlaced of [false, true]) {
    const before = process.resourceUsage().maxRSS;
    await refusal(pngOf({ ...small, interlaced }, Buffer.alloc(64 * 2 ** 20)));
    const grown = (process.resourceUsage().maxRSS - before) / 1024;
    assert.ok(grown < 128, `${grown} MiB`);
  }
});

test('an image that needs too much memory is skipped by name', async () => {
  const { path } = temporaryFolder();
  const huge = pngOf({ width: 16_000, height: 16_000, colour: 0, depth: 1 }, Buffer.alloc(9));
  await writeFolder(join(path, 'set'), new Map([...imageFolder(), ['train/dog/huge.png', huge]]));
  const choice: PackChoice = { name: 'set', imageSize: 32, skipBroken: true };
  const { note, train } = await openDataset(choice, { folders: [path], cache: join(path, 'cache') });
  assert.match(note ?? '', /1 broken file skipped, such as train\/dog\/huge\.png: 16000×16000 pixels need 977 MiB/);
  assert.equal(train.count, 6);
});

test('images are decoded at the same time while their memory fits into the budget, in order', async () => {
  const within = openBudget(100);
  const [started, waiting]: [number[], (() => void)[]] = [[], []];
  let running = 0;
  const works = [40, 50, 60, 5, 1000, 30].map((bytes, i) =>
    within(bytes, async () => {
      started.push(i);
      running += Math.min(bytes, 100);
      assert.ok(running <= 100, `${running}`);
      await new Promise<void>((done) => waiting.push(done));
      running -= Math.min(bytes, 100);
      if (i === 1) throw new Error('broken');
    }),
  );
  const settled = Promise.allSettled(works);
  const states: number[][] = [];
  for (let done = 0; done < works.length; done++) {
    await new Promise((resolve) => setImmediate(resolve));
    states.push([...started]);
    waiting[done]?.();
  }
  assert.deepEqual(states, [
    [0, 1],
    [0, 1],
    [0, 1, 2, 3],
    [0, 1, 2, 3],
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3, 4, 5],
  ]);
  assert.deepEqual(
    (await settled).map(({ status }) => status === 'rejected'),
    [false, true, false, false, false, false],
  );
});

const [WIDTH, HEIGHT] = [3000, 2500];
const gray = () => sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#5a5a5a' } });
const LARGE: Record<string, () => Buffer | Promise<Buffer>> = {
  'interlaced PNG of 16 bits': () =>
    pngOf(
      { width: WIDTH, height: HEIGHT, colour: 6, depth: 16, interlaced: true },
      Buffer.alloc(8 * WIDTH * HEIGHT + 4 * HEIGHT),
    ),
  'progressive JPEG': () => gray().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
  'turned JPEG': () => gray().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  'CMYK JPEG': () => gray().toColourspace('cmyk').jpeg().toBuffer(),
  WebP: () => gray().webp({ lossless: true, effort: 0 }).toBuffer(),
  TIFF: () => gray().tiff({ compression: 'deflate' }).toBuffer(),
};
const Measured = z.object({ grown: z.number(), pixels: z.number(), estimate: z.number() });
test('decoding needs no more memory than its header makes expect', {
  skip: process.platform !== 'linux' && 'reads /proc',
}, async () => {
  const { path } = temporaryFolder();
  const kinds = ['small', ...Object.keys(LARGE)];
  const files = [plainPng(8, 8), ...(await Promise.all(Object.values(LARGE).map((make) => make())))]; // the first loads libvips
  await Promise.all(files.map((file, i) => writeFile(join(path, kinds[i]!), file)));
  const child = join(import.meta.dirname, 'decode-child.ts');
  const paths = kinds.map((kind) => join(path, kind));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--import', 'tsx', child, ...paths]);
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => Measured.parse(JSON.parse(line)));
  assert.equal(found.length, kinds.length);
  for (const [i, { grown, pixels, estimate }] of found.entries()) {
    if (i === 0) continue;
    assert.equal(pixels, WIDTH * HEIGHT * 3);
    assert.ok(grown < estimate + 16 * 2 ** 20, `${kinds[i]}: ${grown} bytes, expected ${estimate}`);
  }
});

test('a divider of 2×16000 pixels is cropped before it is resized', async () => {
  const { path } = temporaryFolder();
  const files = new Map([...imageFolder(), ['train/cat/divider.png', plainPng(2, 16_000, 50)]]);
  await writeFolder(join(path, 'set'), files);
  const packed = await openDataset({ name: 'set', imageSize: 512 }, { folders: [path], cache: join(path, 'cache') });
  assert.equal(packed.train.count, 7);
});

test('16-bit images that use 12 bits are reported', async () => {
  const { path } = temporaryFolder();
  const deep = (value: number) =>
    pngOf(
      { width: 8, height: 8, colour: 0, depth: 16 },
      Buffer.alloc(
        17 * 8,
        Buffer.from([
          0,
          ...Array(8)
            .fill([value >> 8, value & 255])
            .flat(),
        ]),
      ),
    );
  const pack = async (name: string, values: readonly number[]) => {
    const files = new Map(imageFolder());
    for (const [i, value] of values.entries()) files.set(`train/cat/deep${i}.png`, deep(value));
    await writeFolder(join(path, name), files);
    return openDataset(name, { folders: [path], cache: join(path, 'cache') });
  };
  assert.match(
    (await pack('dark', [4000, 300])).note ?? '',
    /the 2 images with 16 bits per channel, for example train\/cat\/deep0\.png, use 12 bits only: they are packed 16 times too dark; multiply their values by 16/,
  );
  assert.equal((await pack('bright', [4000, 60_000])).note, undefined);
});
