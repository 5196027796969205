/** A data set by name in, a contact sheet as a PNG file out. */
import { type OpenOptions, openDataset } from '../../pack/open.ts';
import { contactSheet, encodePng, type SheetSet } from './contact-sheet.ts';

/** Plain data, so that a thread can be given it. `images` is how many, from the first. */
export type SheetRequest = {
  dataset: string;
  places: Pick<OpenOptions, 'folders' | 'cache'>;
  sets: readonly SheetSet[];
  images: number;
  epochs: number;
  seed: number;
};

/**
 * Open the data set, packing it if nobody has, and draw.
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
