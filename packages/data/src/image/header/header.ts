/** What an image file says of itself before its pixels are decoded. */
import type { Picture } from '../../dataset.ts';

export type Header = {
  /** As stored: `orientation` is not applied. */
  width: number;
  height: number;
  /** Exif orientation, 1 to 8. */
  orientation: number;
  /** The channels are cyan, magenta, yellow and black; else grey or red, green and blue, perhaps with alpha. */
  isCmyk: boolean;
  /** Bits of a channel. */
  depth: 8 | 16;
  /** Memory at the peak of decoding, in bytes per pixel, with the RGB result (measured). */
  bytesPerPixel: number;
  /** Decodes the pixels, if libvips cannot read the format. */
  decode?: (bytes: Uint8Array) => Picture;
};

/** The file cannot be read. The message says why, without naming the file. */
export class UnreadableImage extends Error {
  override name = 'UnreadableImage';
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Bytes `from` to `to`, one character each. */
export const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', from, to);
