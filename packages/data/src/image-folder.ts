/** The image-folder layout: `train/<class>/…`, and `test/<class>/…` or `val/<class>/…`, with JPEG or PNG files. */
import { DatasetError, type Sample } from './dataset.ts';
import type { Entry } from './entries.ts';
import { decodeImage } from './image.ts';

const SETS: Record<string, Sample['set']> = {
  train: 'train',
  test: 'test',
  val: 'test',
  valid: 'test',
  validation: 'test',
};
const IMAGE = /\.(jpe?g|png)$/i;

/** Where an image belongs by its path, whatever folders stand before the set's; null for other files. */
function place(path: string): { set: Sample['set']; folder: string; className: string; file: string } | null {
  const parts = path.split('/');
  const at = parts.findIndex((part) => Object.hasOwn(SETS, part));
  const [folder, className, ...rest] = at < 0 ? [] : parts.slice(at);
  const set = folder === undefined ? undefined : SETS[folder];
  if (!set || folder === undefined || className === undefined || rest.length === 0 || !IMAGE.test(path)) return null;
  return { set, folder, className, file: rest.join('/') };
}

/**
 * Images of an image folder. Where both `test` and `val` exist, `test` is the test set and `val` is refused, since validation images are held out of the
 * training set here.
 */
export async function* imageFolderSamples(entries: AsyncIterable<Entry>): AsyncGenerator<Sample> {
  let testFolder: string | undefined;
  for await (const { path, bytes } of entries) {
    const found = place(path);
    if (!found) continue;
    if (found.set === 'test') {
      testFolder ??= found.folder;
      if (testFolder !== found.folder)
        throw new DatasetError(
          `holds both ${testFolder}/ and ${found.folder}/: keep the one to test on, validation images are held out of train/`,
        );
    }
    const { width, height, pixels } = decodeImage(bytes, path);
    if (width !== height) throw new DatasetError(`${path}: ${width}×${height} pixels, but images must be square`);
    yield {
      set: found.set,
      className: found.className,
      order: `${found.className}/${found.file}`,
      size: width,
      pixels,
    };
  }
}
