/** The image-folder layout: `train/<class>/…`, `test/<class>/…`, `val/<class>/…`, with JPEG, PNG or WebP files. ILSVRC2012 sorted by wnid is one. */
import { DatasetError, type Sample } from '../../dataset.ts';
import type { Entry } from '../entries.ts';
import { setNamed } from './set-names.ts';

const IMAGE = /\.(jpe?g|png|webp)$/i;

type Place = { set: Sample['set']; className: string; order: string };

/** Where an image belongs by its path, whatever folders stand before the set's; null for other files. */
function place(path: string): Place | null {
  if (!IMAGE.test(path)) return null;
  const parts = path.split('/');
  const at = parts.findIndex((part) => setNamed(part));
  const set = at < 0 ? undefined : setNamed(parts[at]!);
  const [className, ...rest] = parts.slice(at + 1);
  if (!set || className === undefined) return null;
  if (rest.length === 0)
    throw new DatasetError(
      `${path}: stands in no class's folder; expected ${parts[at]}/<class>/${className} (ImageNet's validation images are sorted into folders by their ground truth first)`,
    );
  return { set, className, order: `${className}/${rest.join('/')}` };
}

export async function* imageFolderSamples(
  entries: AsyncIterable<Entry>,
  isWanted: (className: string) => boolean,
): AsyncGenerator<Sample> {
  for await (const { path, read } of entries) {
    const found = place(path);
    if (found && isWanted(found.className)) yield { ...found, image: { bytes: await read() } };
  }
}
