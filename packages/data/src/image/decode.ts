/** Decodes image files to the RGB bytes of Pillow's `ImageOps.exif_transpose(image).convert('RGB')`; `docs/data.md` lists the exceptions. */
import sharp, { type Sharp } from 'sharp';
import { DatasetError, type Picture } from '../dataset.ts';
import { headerOf } from './header/formats.ts';
import { type Header, UnreadableImage } from './header/header.ts';
import { decodeNativeJpeg } from './native-jpeg.ts';
import { decodeSmallJpeg, isSmallJpeg } from './small-jpeg.ts';

sharp.cache(false); // no file is decoded twice
sharp.concurrency(1); // images are decoded in parallel, not the parts of one

/** Largest side of an image that is used at its own size. */
export const MAX_IMAGE_SIDE = 1024;

/** Memory of all images that are decoded at the same time. */
export const MAX_DECODING_BYTES = 512 * 2 ** 20;

/** A picture, and how many bits its largest value uses if its file has 16 per channel. */
export type Decoded = Picture & { bitsUsed?: number };

/** By Exif orientation. sharp mirrors first, then rotates clockwise. */
const TURNED: Readonly<Record<number, (image: Sharp) => Sharp>> = {
  2: (image) => image.flop(),
  3: (image) => image.rotate(180),
  4: (image) => image.flip(),
  5: (image) => image.flop().rotate(270),
  6: (image) => image.rotate(90),
  7: (image) => image.flop().rotate(90),
  8: (image) => image.rotate(270),
};

/** Pillow's formula, from inks as libvips stores them (255 is full). Colour profiles have no influence. */
function rgbOfCmyk(inks: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4)
    for (let channel = 0; channel < 3; channel++)
      pixels[to++] = Math.round(((255 - inks[from + channel]!) * (255 - inks[from + 3]!)) / 255);
  return pixels;
}

/** The high byte of each value, as Pillow takes it of RGB. Pillow clips greyscale to 255 instead, which makes it white. */
function highBytes(values: Uint16Array): Pick<Decoded, 'pixels' | 'bitsUsed'> {
  const pixels = new Uint8Array(values.length);
  let used = 0;
  for (let i = 0; i < values.length; i++) {
    used |= values[i]!;
    pixels[i] = values[i]! >> 8;
  }
  return { pixels, bitsUsed: 32 - Math.clz32(used) };
}

/** Ignores colour profiles and gamma, and drops transparency instead of blending it, so that alpha cannot reveal the class. */
async function decodeWithLibvips(bytes: Uint8Array, header: Header): Promise<Decoded> {
  const { width, height, orientation, isCmyk, depth } = header;
  const image = sharp(bytes, {
    ignoreIcc: true,
    failOn: 'truncated',
    limitInputPixels: width * height, // libvips reads no other size than the one that was checked
  });
  const turned = TURNED[orientation]?.(image) ?? image;
  const isDeep = depth === 16;
  const coloured = isCmyk
    ? turned.pipelineColourspace('cmyk').toColourspace('cmyk')
    : turned.removeAlpha().toColourspace(isDeep ? 'rgb16' : 'srgb');
  const { data, info } = await coloured
    .raw({ depth: isDeep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const size = { width: info.width, height: info.height };
  if (info.channels !== (isCmyk ? 4 : 3) || size.width * size.height !== width * height)
    throw new Error(`${size.width}×${size.height} pixels of ${info.channels} channels, unlike the header`);
  if (isCmyk) return { ...size, pixels: rgbOfCmyk(data) };
  if (isDeep) return { ...size, ...highBytes(new Uint16Array(data.buffer, data.byteOffset, data.length / 2)) };
  return { ...size, pixels: data };
}

/** The first line of the library's message, without its prefixes. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .split('\n', 1)
    .join()
    .replace(/^Input buffer (has corrupt header|contains unsupported image format):? ?/, '')
    .replace(/^\w+: /, '')
    .trim();

async function decodePixels(bytes: Uint8Array, header: Header & { format: string }): Promise<Decoded> {
  try {
    const native = await decodeNativeJpeg(bytes, header);
    const quick = native ?? (isSmallJpeg(header) ? await decodeSmallJpeg(bytes, header) : null);
    if (quick) return quick;
    return header.decode ? header.decode(bytes) : await decodeWithLibvips(bytes, header);
  } catch (error) {
    const reason = reasonOf(error);
    throw new UnreadableImage(`damaged or incomplete ${header.format}${reason && ` (${reason})`}`);
  }
}

/** Memory at the peak of decoding a file; 0 if its header is refused. */
export function decodingBytes(bytes: Uint8Array): number {
  try {
    const { width, height, bytesPerPixel } = headerOf(bytes);
    return width * height * bytesPerPixel;
  } catch (error) {
    if (error instanceof UnreadableImage) return 0;
    throw error;
  }
}

const MIB = 2 ** 20;

/**
 * Decode a JPEG, PNG, WebP, TIFF or BMP, detected by the first bytes. All colour models become RGB; Exif orientation is applied.
 * @param maxSide largest accepted width or height
 * @returns pixels (H, W, 3)
 * @throws DatasetError naming the file
 */
export async function decodeImage(bytes: Uint8Array, name: string, maxSide = MAX_IMAGE_SIDE): Promise<Decoded> {
  try {
    const header = headerOf(bytes);
    const { width, height, bytesPerPixel } = header;
    if (width < 1 || height < 1 || width > maxSide || height > maxSide)
      throw new UnreadableImage(`${width}×${height} pixels; sides must be between 1 and ${maxSide}`);
    const needed = width * height * bytesPerPixel;
    if (needed > MAX_DECODING_BYTES)
      throw new UnreadableImage(
        `${width}×${height} pixels need ${Math.ceil(needed / MIB)} MiB to decode, above the limit of ${MAX_DECODING_BYTES / MIB} MiB; scale the image down`,
      );
    return await decodePixels(bytes, header);
  } catch (error) {
    if (error instanceof UnreadableImage) throw new DatasetError(`${name}: ${error.message}`);
    throw error;
  }
}
