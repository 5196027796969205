/** Pictures in a folder with a folder for each class, found as packing finds the test images of a data set. */
import type { Sample } from '../dataset.ts';
import { type Entry, folderEntries } from './entries.ts';
import { imageFolderSamples } from './readers/image-folder.ts';

const PREFIX = 'test/';

async function* asTestSet(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  for await (const { path, read } of entries) yield { path: `${PREFIX}${path}`, read };
}

/**
 * The pictures of the wanted class folders, in the order of a walk, each with its path below `folder`. Files of other classes are
 * not read. @throws DatasetError
 */
export async function* labelledPictures(
  folder: string,
  isWanted: (className: string) => boolean,
): AsyncGenerator<Sample> {
  for await (const sample of imageFolderSamples(asTestSet(folderEntries(folder)), isWanted))
    yield { ...sample, order: sample.order.slice(PREFIX.length) };
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
