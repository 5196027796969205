/** The bytes of packed images, wherever they are: in memory that threads share, or in a file that is larger than memory should hold. */
import { closeSync, openSync, readSync } from 'node:fs';
import { DatasetError, type Pixels } from '../dataset.ts';

export type PixelReader = {
  /** Image `index` (H, W, 3): a view, or a buffer that the next call overwrites. Not to be written to. */
  at(index: number): Uint8Array;
  close(): void;
};

/** Read images of `imageBytes` each. Whoever opens closes. @throws DatasetError when the file is gone or ends too early */
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
        if (read === 0) throw new DatasetError(`${file}: ends within image ${index}; remove it, it is packed again`);
        done += read;
      }
      return image;
    },
    close: () => closeSync(handle),
  };
}
