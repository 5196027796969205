/** Packed copies as text, and their removal. */
import { join } from 'node:path';
import type { PackedCopy } from '@ablate/data';
import type { Context } from './command.ts';
import { formatBytes } from './format.ts';

export const copyPath = ({ copy }: Pick<PackedCopy, 'copy'>): string => join(copy.folder, copy.stem);

/** What a copy was made from: `image size 64, skip broken`. */
export function describeChoice({ manifest }: Pick<PackedCopy, 'manifest'>): string {
  if (!manifest) return '';
  const { imageSize, classes, imagesPerClass, skipBroken } = manifest.choice;
  return [
    ...(imageSize === undefined ? [] : [`image size ${imageSize}`]),
    ...(Array.isArray(classes) ? [`${classes.length} classes`] : []),
    ...(imagesPerClass === undefined ? [] : [`${imagesPerClass} images per class`]),
    ...(skipBroken === undefined ? [] : ['skip broken']),
  ].join(', ');
}

export type RemovedCopy = { path: string; bytes: number; state: PackedCopy['state'] };

/** Removes packed copies, or with `dryRun` only reports them. */
export async function removeCopies(
  copies: readonly PackedCopy[],
  { dryRun, context: { log, signal } }: { dryRun: boolean; context: Context },
): Promise<RemovedCopy[]> {
  const { removeCopy } = await import('@ablate/data');
  for (const copy of dryRun ? [] : copies) {
    let waits = false;
    const onWait = () => {
      if (!waits) log(`waiting for the process that packs ${copy.name}`);
      waits = true;
    };
    await removeCopy(copy, { onWait, signal });
  }
  return copies.map((copy) => ({ path: copyPath(copy), bytes: copy.bytes, state: copy.state }));
}

export const formatRemoved = ({ path, bytes, state }: RemovedCopy, dryRun: boolean): string =>
  `${path}  ${formatBytes(bytes)}  ${dryRun ? 'would be removed' : 'removed'}${state === 'outdated' ? ': packed by a version that packs in another way' : state === 'unfinished' ? ': unfinished' : ''}`;
