/** Decodes image files to RGB bytes. */
import { decode } from 'jpeg-js'; // small JPEGs: its bytes, not Pillow's, are in existing packed copies
import { PNG } from 'pngjs'; // all PNGs: 16-bit values round as in existing packed copies, and small files take a quarter of sharp's time
import sharp from 'sharp';
import { DatasetError, type Picture } from '../dataset.ts';

/** Largest side of an image, checked in its header before decoding. */
export const MAX_IMAGE_SIDE = 1024;

/** Up to this side jpeg-js decodes, which is faster; sharp decodes larger images and other kinds of JPEG. */
const SMALL_SIDE = 64;

const rgb = (rgba: Uint8Array, pixelCount: number): Uint8Array => {
  const out = new Uint8Array(pixelCount * 3);
  for (let i = 0, from = 0, to = 0; i < pixelCount; i++, from += 4, to += 3) {
    out[to] = rgba[from]!;
    out[to + 1] = rgba[from + 1]!;
    out[to + 2] = rgba[from + 2]!;
  }
  return out;
};

/** `plain`: greyscale or YCbCr, without segments (APP1 Exif, APP14 Adobe) that change orientation or colours. */
type Header = { width: number; height: number; plain: boolean };

/** From the frame header and the segments before it (ITU-T T.81, B.2.2). */
function jpegHeader(bytes: Uint8Array): Header {
  let plain = true;
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      const components = bytes[at + 9];
      return {
        width: bytes[at + 7]! * 256 + bytes[at + 8]!,
        height: bytes[at + 5]! * 256 + bytes[at + 6]!,
        plain: plain && (components === 1 || components === 3),
      };
    }
    if (marker === 0xe1 || marker === 0xee) plain = false;
    at += marker === 0xff ? 1 : 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
  }
  throw new Error('no frame header');
}

/** From IHDR (PNG 3rd edition, 11.2.1). */
const pngHeader = (bytes: Uint8Array): Header => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20), plain: true };
};

async function webpHeader(bytes: Uint8Array): Promise<Header> {
  const { width, height } = await sharp(bytes).metadata();
  return { width, height, plain: false };
}

/**
 * Decode with libvips. Applies Exif orientation; ignores colour profiles, as Pillow and torchvision do; converts CMYK to RGB by
 * Pillow's formula; drops transparency.
 */
async function decodeWithSharp(bytes: Uint8Array, { plain }: Header): Promise<Picture> {
  const image = sharp(bytes, { ignoreIcc: true, failOn: 'error', limitInputPixels: false, sequentialRead: false });
  const isCmyk = !plain && (await image.metadata()).space === 'cmyk';
  const { data, info } = await (isCmyk
    ? image.autoOrient().pipelineColourspace('cmyk').toColourspace('cmyk')
    : image.autoOrient().removeAlpha().toColourspace('srgb')
  )
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const wanted = isCmyk ? 4 : 3;
  if (channels !== wanted) throw new Error(`${channels} channels`);
  if (!isCmyk) return { width, height, pixels: data };
  const pixels = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4)
    for (let channel = 0; channel < 3; channel++)
      pixels[to++] = Math.round(((255 - data[from + channel]!) * (255 - data[from + 3]!)) / 255);
  return { width, height, pixels };
}

function decodeJpeg(bytes: Uint8Array, header: Header): Picture | Promise<Picture> {
  const { width, height, plain } = header;
  if (!plain || width > SMALL_SIDE || height > SMALL_SIDE) return decodeWithSharp(bytes, header);
  const { data } = decode(bytes, { useTArray: true, formatAsRGBA: false, tolerantDecoding: false });
  return { width, height, pixels: data };
}

/** Drops transparency instead of blending it, so that alpha cannot reveal the class. */
function decodePng(bytes: Uint8Array): Picture {
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return { width, height, pixels: rgb(data, width * height) };
}

type Format = {
  starts: readonly (readonly [at: number, bytes: readonly number[]])[];
  header: (bytes: Uint8Array) => Header | Promise<Header>;
  decode: (bytes: Uint8Array, header: Header) => Picture | Promise<Picture>;
};
const ascii = (text: string) => [...Buffer.from(text, 'latin1')];

const formats: Format[] = [
  { starts: [[0, [0xff, 0xd8, 0xff]]], header: jpegHeader, decode: decodeJpeg },
  { starts: [[0, [0x89, ...ascii('PNG\r\n\u001a\n')]]], header: pngHeader, decode: decodePng },
  {
    starts: [
      [0, ascii('RIFF')],
      [8, ascii('WEBP')],
    ],
    header: webpHeader,
    decode: decodeWithSharp,
  },
];

export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;

/**
 * Decode a JPEG, PNG or WebP, detected by the first bytes. Greyscale, palette and CMYK become RGB; Exif orientation is applied.
 * @param maxSide largest accepted width or height
 * @returns pixels (H, W, 3)
 * @throws DatasetError naming the file
 */
export async function decodeImage(bytes: Uint8Array, name: string, maxSide = MAX_IMAGE_SIDE): Promise<Picture> {
  if (bytes.length === 0) throw new DatasetError(`${name}: is empty`);
  const format = formats.find(({ starts }) =>
    starts.every(([at, wanted]) => wanted.every((byte, i) => bytes[at + i] === byte)),
  );
  if (!format) throw new DatasetError(`${name}: not a JPEG, PNG or WebP`);
  try {
    const header = await format.header(bytes);
    const { width, height } = header;
    if (width < 1 || height < 1 || width > maxSide || height > maxSide)
      throw new Error(`${width}×${height} pixels; sides must be between 1 and ${maxSide}`);
    return await format.decode(bytes, header);
  } catch (error) {
    throw new DatasetError(`${name}: cannot decode (${error instanceof Error ? error.message.trim() : error})`);
  }
}
