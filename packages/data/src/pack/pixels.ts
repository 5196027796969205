/** Reads packed images from shared memory, or from a file that is too large for memory. */
import { closeSync, openSync, readSync } from 'node:fs';
import { DatasetError, type Pixels } from '../dataset.ts';

export type PixelReader = {
  /** Image `index` (H, W, 3): a read-only view, or a buffer that the next call overwrites. */
  at(index: number): Uint8Array;
  close(): void;
};

/** Read images of `imageBytes` each. The caller closes the reader. @throws DatasetError if the file is truncated */
export function openPixels(pixels: Pixels, imageBytes: number): PixelReader {
  if (pixels instanceof Uint8Array)
    return { at: (index) => pixels.subarray(index * imageBytes, (index + 1) * imageBytes), close: () => {} };
  const { file, offset } = pixels;
  const handle = openSync(file, 'r');
  const image = new Uint8Array(imageBytes);
  return {
    at(index) {
      const start = offset + index * imageBytes;
      for (let done = 0; done < imageBytes; ) {
        const read = readSync(handle, image, done, imageBytes - done, start + done);
        if (read === 0) throw new DatasetError(`${file}: truncated within image ${index}; remove it to pack it again`);
        done += read;
      }
      return image;
    },
    close: () => closeSync(handle),
  };
}
