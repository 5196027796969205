/** The image-folder layout: `train/<class>/…`, `test/<class>/…`, `val/<class>/…`, with JPEG, PNG or WebP files. ILSVRC2012 sorted by wnid is one. */
import { DatasetError, type Sample } from '../../dataset.ts';
import type { Entry } from '../entries.ts';
import { setNamed } from './set-names.ts';

const IMAGE = /\.(jpe?g|png|webp)$/i;

type Location = { set: Sample['set']; className: string; order: string };

/** The set and class of an image, from its path below the set's folder; null for other files. */
function locate(path: string): Location | null {
  if (!IMAGE.test(path)) return null;
  const parts = path.split('/');
  const at = parts.findIndex((part) => setNamed(part));
  const set = at < 0 ? undefined : setNamed(parts[at]!);
  const [className, ...rest] = parts.slice(at + 1);
  if (!set || className === undefined) return null;
  if (rest.length === 0)
    throw new DatasetError(
      `${path}: not in a class folder; expected ${parts[at]}/<class>/${className} (sort ImageNet's validation images into class folders first)`,
    );
  return { set, className, order: parts.slice(at).join('/') };
}

export async function* imageFolderSamples(
  entries: AsyncIterable<Entry>,
  isWanted: (className: string) => boolean,
): AsyncGenerator<Sample> {
  for await (const { path, read } of entries) {
    const found = locate(path);
    if (found && isWanted(found.className)) yield { ...found, image: { bytes: await read() } };
  }
}
