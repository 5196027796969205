/** Pictures in memory, and as PNG files. */
import { PNG } from 'pngjs'; // synchronous, where sharp is not; a PNG is lossless, so any encoder writes the same pixels

/** RGB bytes, row by row: `pixels` is (height, width, 3). */
export type Picture = { width: number; height: number; pixels: Uint8Array };

/** The bytes of a PNG file without transparency. */
export function encodePng({ width, height, pixels }: Picture): Uint8Array {
  const png = new PNG({ width, height, colorType: 2, inputColorType: 2, inputHasAlpha: false });
  png.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return PNG.sync.write(png, { colorType: 2, inputColorType: 2, inputHasAlpha: false });
}
