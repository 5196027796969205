/** Draws a contact sheet of a named data set as a PNG file, here or in a thread. */
import { encodePng } from '@ablate/files/png';
import { type OpenOptions, openDataset } from '../pack/open.ts';
import { openPool } from '../threads/pool.ts';
import { contactSheet, SheetError, type SheetSet } from './contact-sheet.ts';

/** Plain data, so that it can be passed to a thread. `images`: how many training images, from the first. */
export type SheetRequest = {
  dataset: string;
  places: Pick<OpenOptions, 'folders' | 'cache'>;
  sets: readonly SheetSet[];
  images: number;
  epochs: number;
  seed: number;
};

/** What the thread returns. `refused`: the message of a DatasetError or SheetError; its class is lost between threads. */
export type DrawResult = { png: Uint8Array } | { refused: string };

/**
 * Open the data set, packing it if needed, and draw the sheet.
 * @throws DatasetError when it cannot be opened, SheetError when the sheet would be too large
 */
export async function drawSheet(
  { dataset: name, places, images, ...shown }: SheetRequest,
  { onProgress }: Pick<OpenOptions, 'onProgress'> = {},
): Promise<Uint8Array> {
  const dataset = await openDataset(name, { ...places, onProgress });
  const indices = Array.from({ length: Math.min(images, dataset.train.count) }, (_, index) => index);
  return encodePng(contactSheet(dataset, { ...shown, indices }));
}

/**
 * `drawSheet` in a thread of its own, which ends with the result or when `signal` aborts.
 * @throws SheetError when the data set cannot be opened or the sheet would be too large
 */
export async function drawSheetInThread(
  request: SheetRequest,
  { signal }: { signal: AbortSignal },
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const pool = openPool<SheetRequest, DrawResult>(new URL('draw-task.ts', import.meta.url), 1);
  try {
    const result = await pool.run(request, { signal });
    if ('refused' in result) throw new SheetError(result.refused);
    return result.png;
  } finally {
    await pool.destroy();
  }
}
