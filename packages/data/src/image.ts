/** Image files in, RGB bytes out. */
import { decode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { DatasetError } from './dataset.ts';

/** Largest side of an image, read from its header before anything is decoded. */
export const MAX_IMAGE_SIDE = 1024;

export type Picture = { width: number; height: number; pixels: Uint8Array };

const rgb = (rgba: Uint8Array, pixelCount: number): Uint8Array => {
  const out = new Uint8Array(pixelCount * 3);
  for (let i = 0, from = 0, to = 0; i < pixelCount; i++, from += 4, to += 3) {
    out[to] = rgba[from]!;
    out[to + 1] = rgba[from + 1]!;
    out[to + 2] = rgba[from + 2]!;
  }
  return out;
};

/** Width and height from the frame header (ITU-T T.81, B.2.2). */
function jpegSize(bytes: Uint8Array): [width: number, height: number] {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return [bytes[at + 7]! * 256 + bytes[at + 8]!, bytes[at + 5]! * 256 + bytes[at + 6]!];
    at += marker === 0xff ? 1 : 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
  }
  throw new Error('no frame header');
}

function decodeJpeg(bytes: Uint8Array, maxSide: number): Picture {
  const { width, height, data } = decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: (maxSide / 1000) ** 2,
    maxMemoryUsageInMB: 256 * Math.ceil(maxSide / MAX_IMAGE_SIDE) ** 2,
  });
  return { width, height, pixels: data };
}

/** Width and height from IHDR (PNG 3rd edition, 11.2.1). */
const pngSize = (bytes: Uint8Array): [width: number, height: number] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [view.getUint32(16), view.getUint32(20)];
};

/** Transparency is dropped, not blended: a class must not be told by its alpha. */
function decodePng(bytes: Uint8Array): Picture {
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return { width, height, pixels: rgb(data, width * height) };
}

const formats = [
  { starts: [0xff, 0xd8, 0xff], size: jpegSize, decode: decodeJpeg },
  { starts: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], size: pngSize, decode: decodePng },
];

/**
 * Decode a JPEG or PNG, told apart by their first bytes. Gray becomes RGB.
 * @param maxSide largest width or height that is decoded
 * @returns pixels (H, W, 3)
 * @throws DatasetError naming the file
 */
export function decodeImage(bytes: Uint8Array, name: string, maxSide = MAX_IMAGE_SIDE): Picture {
  const format = formats.find(({ starts }) => starts.every((byte, i) => bytes[i] === byte));
  if (!format) throw new DatasetError(`${name}: neither a JPEG nor a PNG`);
  try {
    const [width, height] = format.size(bytes);
    if (width < 1 || height < 1 || width > maxSide || height > maxSide)
      throw new Error(`${width}×${height} pixels; sides must be between 1 and ${maxSide}`);
    return format.decode(bytes, maxSide);
  } catch (error) {
    throw new DatasetError(`${name}: cannot be used (${error instanceof Error ? error.message : error})`);
  }
}
