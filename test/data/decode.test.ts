/** Image files decode to Pillow's pixels. Hostile files: hostile-images.test.ts. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { decodeImage } from '@ablate/data';
import { countedRandom, randomKey } from '@ablate/random';
import sharp from 'sharp';
import { z } from 'zod';
import { headerOf } from '../../packages/data/src/image/header/formats.ts';
import { decodeNativeJpeg } from '../../packages/data/src/image/native-jpeg.ts';
import { decodeSmallJpeg, isSmallJpeg } from '../../packages/data/src/image/small-jpeg.ts';
import { jpegSegment, pngChunk, pngOf, withSegments } from './images.ts';

const bytes = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
/** Written by pictures.py. */
const Fixtures = z.array(
  z.strictObject({ name: z.string(), file: bytes, width: z.int(), height: z.int(), pixels: bytes }),
);
const file = new URL('../fixtures/data/pictures.json.gz', import.meta.url);
const pictures = Fixtures.parse(JSON.parse(gunzipSync(readFileSync(file)).toString()));

/** A file and its pixels. */
type Expected = { name: string; file: Uint8Array; width: number; height: number; pixels: Uint8Array };

const formatOf = (name: string) => name.split('/')[0] ?? '';
const FORMATS = [...new Set(pictures.map(({ name }) => formatOf(name)))];

/** How two pictures differ; undefined if they are equal. */
async function difference({ name, file, width, height, pixels }: Expected): Promise<string | undefined> {
  let found: Awaited<ReturnType<typeof decodeImage>>;
  try {
    found = await decodeImage(file, name);
  } catch (error) {
    return String(error);
  }
  if (found.width !== width || found.height !== height) return `${name}: ${found.width}×${found.height} pixels`;
  const largest = found.pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - (pixels[at] ?? 999))), 0);
  return largest > 0 ? `${name}: differs by up to ${largest}` : undefined;
}

for (const format of FORMATS)
  test(`every kind of ${format} has Pillow's pixels`, async () => {
    const chosen = pictures.filter(({ name }) => formatOf(name) === format);
    const differences = (await Promise.all(chosen.map(difference))).filter((text) => text !== undefined);
    assert.deepEqual(differences, [], `of ${chosen.length} ${format} files`);
  });

/** Orientation 6: displayed turned clockwise. A turned JPEG is decoded by libvips. */
const EXIF_6 = jpegSegment(0xe1, 'Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0');

function turned({ name, file, width, height, pixels }: Expected): Expected {
  const out = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      out.set(pixels.subarray((y * width + x) * 3, (y * width + x + 1) * 3), (x * height + height - 1 - y) * 3);
  return { name: `${name}, turned`, file: withSegments(file, EXIF_6), width: height, height: width, pixels: out };
}

const plain = pictures.filter(({ name }) => name.startsWith('jpeg/') && !/Exif|XMP|orientation/.test(name));

test('libvips gives JPEG the same pixels as libjpeg-turbo, which decodes most', async () => {
  assert.ok(plain.length > 80);
  assert.deepEqual((await Promise.all(plain.map((picture) => difference(turned(picture))))).filter(Boolean), []);
});

test('libjpeg-turbo gives the same pixels in WebAssembly as by itself', async () => {
  let compared = 0;
  for (const { name, file, pixels } of plain) {
    const header = headerOf(file);
    const small = isSmallJpeg(header) ? await decodeSmallJpeg(file, header) : null;
    const decoded = [await decodeNativeJpeg(file, header), small];
    for (const one of decoded) if (one) assert.deepEqual(Buffer.compare(one.pixels, pixels), 0, name);
    if (decoded.every((one) => one !== null)) compared++;
  }
  const isPackaged = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
  if (isPackaged) assert.ok(compared > 60, `both decoded ${compared} of ${plain.length} files`);
});

test('JPEG of the size of photographs has the pixels of libvips', async () => {
  const random = countedRandom(randomKey(3, 'photographs'));
  for (const chromaSubsampling of ['4:2:0', '4:4:4'])
    for (const progressive of [false, true]) {
      const [width, height] = [300 + random.integer(300), 300 + random.integer(300)];
      const noise = sharp(randomBytes(random, width * height * 3), { raw: { width, height, channels: 3 } }).blur(2);
      const file = await noise.jpeg({ quality: 90, chromaSubsampling, progressive }).toBuffer();
      const name = `${width}×${height}, ${chromaSubsampling}${progressive ? ', progressive' : ''}`;
      assert.equal(await difference(turned({ name, file, ...(await decodeImage(file, name)) })), undefined);
    }
});

type Random = ReturnType<typeof countedRandom>;
const randomBytes = (random: Random, length: number) => Uint8Array.from({ length }, () => random.integer(256));

/** First column and row of each pass, and the steps to the next ones. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;
const KINDS = [
  ...([1, 2, 4, 8, 16] as const).map((depth) => ({ colour: 0, depth }) as const),
  ...([1, 2, 4, 8] as const).map((depth) => ({ colour: 3, depth }) as const),
  ...([8, 16] as const).flatMap((depth) => ([2, 4, 6] as const).map((colour) => ({ colour, depth }))),
];

/** A PNG of random samples, and its pixels by the rules of docs/data.md. */
function randomPng(random: Random) {
  const { colour, depth } = KINDS[random.integer(KINDS.length)]!;
  const [width, height] = [1 + random.integer(40), 1 + random.integer(40)];
  const interlaced = random.integer(2) === 1;
  const channels = CHANNELS[colour];
  const samples = Uint16Array.from({ length: width * height * channels }, () => random.integer(2 ** depth));
  const rows: number[] = [];
  for (const [left, top, right, down] of interlaced ? ADAM7 : [[0, 0, 1, 1] as const])
    for (let y = top; y < height && left < width; y += down) {
      let bits = '';
      for (let x = left; x < width; x += right)
        for (let channel = 0; channel < channels; channel++)
          bits += samples[(y * width + x) * channels + channel]!.toString(2).padStart(depth, '0');
      bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0');
      rows.push(0, ...(bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
    }
  const palette = randomBytes(random, 3 * 256);
  const before = colour === 3 ? [pngChunk('PLTE', palette.subarray(0, 3 * 2 ** depth))] : [];
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const [pixel, channel] = [Math.floor(at / 3), at % 3];
    if (colour === 3) return palette[3 * samples[pixel]! + channel]!;
    const value = samples[pixel * channels + (channels < 3 ? 0 : channel)]!;
    return depth === 16 ? value >> 8 : (value * 255) / (2 ** depth - 1);
  });
  const name = `colour ${colour}, ${depth} bits, ${width}×${height}${interlaced ? ', interlaced' : ''}`;
  return {
    name,
    file: pngOf({ width, height, colour, depth, interlaced }, Buffer.from(rows), before),
    width,
    height,
    pixels,
  };
}

test('random PNGs have the pixels that they were written from', async () => {
  const random = countedRandom(randomKey(1, 'png'));
  const made = Array.from({ length: 120 }, () => randomPng(random));
  assert.deepEqual((await Promise.all(made.map(difference))).filter(Boolean), []);
});

test('random lossless WebP, TIFF and PNG files have the pixels that they were written from', async () => {
  const random = countedRandom(randomKey(2, 'lossless'));
  for (let round = 0; round < 10; round++) {
    const [width, height] = [1 + random.integer(90), 1 + random.integer(90)];
    const pixels = randomBytes(random, width * height * 3);
    const image = () => sharp(pixels, { raw: { width, height, channels: 3 } });
    const files = {
      webp: image().webp({ lossless: true, effort: random.integer(4) }),
      tiff: image().tiff({ compression: (['none', 'lzw', 'deflate'] as const)[random.integer(3)] }),
      png: image().png({ progressive: random.integer(2) === 1 }),
    };
    for (const [format, encoder] of Object.entries(files)) {
      const name = `${format}, ${width}×${height}`;
      assert.equal(await difference({ name, file: await encoder.toBuffer(), width, height, pixels }), undefined);
    }
  }
});

test("a JPEG's metadata do not change its pixels", async () => {
  const random = countedRandom(randomKey(3, 'jpeg'));
  for (let round = 0; round < 20; round++) {
    const [width, height] = [1 + random.integer(256), 1 + random.integer(256)];
    const image = sharp(randomBytes(random, width * height * 3), { raw: { width, height, channels: 3 } });
    const plain = await image
      .jpeg({
        quality: 1 + random.integer(100),
        chromaSubsampling: random.integer(2) ? '4:2:0' : '4:4:4',
        progressive: random.integer(2) === 1,
      })
      .toBuffer();
    const segments = [
      jpegSegment(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>'),
      jpegSegment(0xe1, 'Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0'),
      jpegSegment(0xe2, 'ICC_PROFILE\0\x01\x01junk'),
      jpegSegment(0xed, 'Photoshop 3.0\0'),
      jpegSegment(0xfe, 'a comment'),
    ].filter(() => random.integer(2) === 1);
    const [bare, tagged] = [
      await decodeImage(plain, 'bare'),
      await decodeImage(withSegments(plain, ...segments), 'tagged'),
    ];
    assert.deepEqual(tagged, bare);
    assert.equal(await difference(turned({ name: `${width}×${height}`, file: plain, ...bare })), undefined);
  }
});

test('greyscale of 16 bits keeps the high byte, where Pillow would clip to white', async () => {
  const rows = Buffer.from([0, 0x12, 0x34, 0xff, 0xff, 0, 0xff]);
  const { pixels, bitsUsed } = await decodeImage(
    pngOf({ width: 3, height: 1, colour: 0, depth: 16 }, rows),
    'deep.png',
  );
  assert.deepEqual([...pixels], [0x12, 0x12, 0x12, 0xff, 0xff, 0xff, 0, 0, 0]);
  assert.equal(bitsUsed, 16);
});
