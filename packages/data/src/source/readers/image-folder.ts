/** The image-folder layout: `train/<class>/…`, `test/<class>/…`, `val/<class>/…`. ILSVRC2012 sorted by wnid is one. */
import type { SourceItem } from '../../dataset.ts';
import { type Entry, UnreadableError } from '../entries.ts';
import { fileKind } from '../file-kinds.ts';
import type { LeftOutFiles } from '../left-out.ts';
import { oneOfEach, type SetPlace, setNamed } from './set-names.ts';

/** `className`: in Unicode's composed form, since macOS decomposes names; absent for a file directly in the set's folder. */
type Location = { place: SetPlace; className?: string };

/** The set and the class of a file, by the first folder that names a set; null without one. */
function locate(path: string): Location | null {
  const folders = path.split('/').slice(0, -1);
  const at = folders.findIndex((folder) => setNamed(folder));
  const set = at < 0 ? undefined : setNamed(folders[at]!);
  if (!set) return null;
  const prefix = folders.slice(0, at).map((folder) => `${folder}/`);
  return {
    place: { set, prefix: prefix.join(''), name: `${prefix.join('')}${folders[at]}` },
    className: folders[at + 1]?.normalize('NFC'),
  };
}

/** Whether a file is an image of a class in this layout. */
export const isLabelledImage = (path: string): boolean =>
  fileKind(path) === 'image' && locate(path)?.className !== undefined;

async function readImage(read: Entry['read']): Promise<{ image: { bytes: Uint8Array } } | { unreadable: string }> {
  try {
    return { image: { bytes: await read() } };
  } catch (error) {
    if (error instanceof UnreadableError) return { unreadable: error.message };
    throw error;
  }
}

export async function* imageFolderSamples(
  entries: AsyncIterable<Entry>,
  isWanted: (className: string) => boolean,
  leftOut: LeftOutFiles,
): AsyncGenerator<SourceItem> {
  const check = oneOfEach();
  for await (const { path, problem, read } of entries) {
    const { place, className } = locate(path) ?? {};
    const kind = fileKind(path);
    if (problem !== undefined && kind !== 'image') leftOut.add('missing', path);
    else if (kind === 'text' || (kind === 'unknown' && className === undefined)) leftOut.add('notImages', path);
    else if (kind !== 'image') leftOut.add('otherKind', path);
    else if (!place) leftOut.add('outside', path);
    else if (className === undefined) leftOut.add('unlabelled', path);
    else {
      check(place);
      if (!isWanted(className)) leftOut.add('otherClass', path);
      else {
        yield { set: place.set, className, order: path, ...(await readImage(read)) };
      }
    }
  }
}
