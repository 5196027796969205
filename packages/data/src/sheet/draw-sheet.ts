/** Draws a contact sheet of a named data set as a PNG file, here or in a thread. */
import type { DatasetChoice } from '@ablate/contracts';
import { encodePng } from '@ablate/files/png';
import type { Dataset } from '../dataset.ts';
import { type OpenOptions, openDataset, openPacked } from '../pack/open.ts';
import { packCommand } from '../pack/pack-command.ts';
import { openPool } from '../threads/pool.ts';
import { contactSheet, SheetError, type SheetSet } from './contact-sheet.ts';
import { trainingExamples } from './examples.ts';

/** Plain data, so that it can be passed to a thread. `images`: how many of the images that a run of `dataset` trains on. */
export type SheetRequest = {
  dataset: DatasetChoice;
  places: Pick<OpenOptions, 'folders' | 'cache'>;
  sets: readonly SheetSet[];
  images: number;
  epochs: number;
  seed: number;
};

/** What the thread returns. `refused`: the message of a DatasetError or SheetError; its class is lost between threads. */
export type DrawResult = { png: Uint8Array } | { refused: string };

/** A few images are drawn, so they are read from the file. */
const FROM_FILE = { memoryBytes: 0 };

const draw = (dataset: Dataset, { dataset: choice, images, ...shown }: Omit<SheetRequest, 'places'>): Uint8Array =>
  encodePng(contactSheet(dataset, { ...shown, indices: trainingExamples(dataset, choice, images) }));

/**
 * Open the data set, packing it if needed, and draw the sheet.
 * @throws DatasetError when it cannot be opened, SheetError when the sheet would be too large
 */
export async function drawSheet(
  { places, ...request }: SheetRequest,
  { onProgress, signal }: Pick<OpenOptions, 'onProgress' | 'signal'> = {},
): Promise<Uint8Array> {
  return draw(await openDataset(request.dataset, { ...places, ...FROM_FILE, onProgress, signal }), request);
}

/** Draw the sheet from the packed copy. Writes nothing. @throws SheetError with the command to pack if there is no packed copy */
export async function drawPackedSheet({ places, ...request }: SheetRequest): Promise<Uint8Array> {
  const dataset = await openPacked(request.dataset, { ...places, ...FROM_FILE });
  if (!dataset)
    throw new SheetError(
      `data set "${request.dataset.name}" is not packed as this sweep uses it; pack it with \`${packCommand(request.dataset)}\`, or wait for the first run`,
    );
  return draw(dataset, request);
}

/**
 * `drawPackedSheet` in a thread of its own, which ends with the result or when `signal` aborts.
 * @throws SheetError when the data set is not packed or the sheet would be too large
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
