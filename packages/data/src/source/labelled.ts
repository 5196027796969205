/** Pictures in a folder with a folder for each class, found as packing finds the test images of a data set. */
import type { SourceItem } from '../dataset.ts';
import { CAPS, type Entry, folderEntries } from './entries.ts';
import { leftOutFiles } from './left-out.ts';
import { imageFolderSamples } from './readers/image-folder.ts';

const SET = 'test/';

async function* asTestSet(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  for await (const entry of entries) yield { ...entry, path: `${SET}${entry.path}` };
}

/**
 * The pictures of the wanted class folders, in the order of a walk. Files of other classes are not read.
 * @param note is called at the end, with what was left out
 * @throws DatasetError
 */
export async function* labelledPictures(
  folder: string,
  isWanted: (className: string) => boolean,
  note?: (text: string) => void,
): AsyncGenerator<SourceItem> {
  const leftOut = leftOutFiles();
  const entries = asTestSet(folderEntries(folder, CAPS, leftOut));
  for await (const item of imageFolderSamples(entries, isWanted, leftOut))
    yield { ...item, order: item.order.slice(SET.length) };
  for (const text of leftOut.notes()) note?.(text.replace(` ${SET}`, ' '));
}

/** The names of the class folders with pictures, sorted. @throws DatasetError */
export async function classFolders(folder: string): Promise<string[]> {
  const names = new Set<string>();
  const pictures = labelledPictures(folder, (name) => {
    names.add(name);
    return false;
  });
  for await (const _ of pictures);
  return [...names].sort();
}
