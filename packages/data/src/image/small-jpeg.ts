/**
 * Decodes small JPEG files with libjpeg-turbo in WebAssembly, where native-jpeg.ts has no library. libvips uses the same algorithm, and gives the same pixels, but needs
 * 0.4 ms to set up a pipeline, which is 20 times as long as the decoding of 32×32 pixels.
 */
import load, { type Codec } from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs';
import type { Picture } from '../dataset.ts';
import type { Header } from './header/header.ts';

/** Above this side libvips takes no longer. */
const SMALL_SIDE = 256;

export const isSmallJpeg = ({ width, height, orientation, isCmyk, format }: Header & { format: string }): boolean =>
  format === 'JPEG' && Math.max(width, height) <= SMALL_SIDE && orientation === 1 && !isCmyk;

function rgbOfGrey(grey: Uint8ClampedArray): Uint8Array {
  const pixels = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) pixels.fill(grey[i]!, 3 * i, 3 * i + 3);
  return pixels;
}

/** One per thread. */
let codec: Promise<Codec> | undefined;

/** Null if libjpeg-turbo has any objection: libvips then decides whether the file is damaged. */
export async function decodeSmallJpeg(bytes: Uint8Array, { width, height }: Header): Promise<Picture | null> {
  codec ??= load();
  const { JPEGDecoder } = await codec;
  const decoder = new JPEGDecoder();
  let picture: Picture | null = null;
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.readHeader();
    const frame = decoder.getFrameInfo();
    if (frame.width === width && frame.height === height) {
      decoder.decode();
      const decoded = decoder.getDecodedBuffer();
      const pixels = frame.componentCount === 1 ? rgbOfGrey(decoded) : new Uint8Array(decoded.buffer);
      picture = { width, height, pixels };
    }
  } catch (error) {
    if (typeof error !== 'number') {
      codec = undefined; // WebAssembly itself has failed: the next image gets new memory
      return null;
    }
  }
  decoder.delete();
  return picture;
}
