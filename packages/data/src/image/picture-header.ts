/** What an image file says of itself, without decoding its pixels. */
import { DatasetError } from '../dataset.ts';
import { headerOf } from './header/formats.ts';
import { UnreadableImage } from './header/header.ts';

/** Format and size of a JPEG, PNG, WebP, TIFF or BMP. @throws DatasetError naming the file, if it is none or damaged */
export function pictureHeader(bytes: Uint8Array, name: string): { format: string; width: number; height: number } {
  try {
    const { format, width, height } = headerOf(bytes);
    return { format, width, height };
  } catch (error) {
    if (error instanceof UnreadableImage) throw new DatasetError(`${name}: ${error.message}`);
    throw error;
  }
}
