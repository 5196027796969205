/** Contact sheets of augmentation: originals in the first row, each set's versions of them below. */
import { type AugmentOp, count, imageOps } from '@ablate/contracts';
import { augmenter } from '../augment/augmenter.ts';
import { normalisedBy } from '../batch/batches.ts';
import type { Dataset, Picture } from '../dataset.ts';
import { openPixels } from '../pack/pixels.ts';
import { LETTER_WIDTH, LINE_HEIGHT, wrap, write } from './lettering.ts';

export type SheetSet = { label: string; ops: readonly AugmentOp[] };

export type SheetOptions = {
  sets: readonly SheetSet[];
  /** Training images, one column each. They are augmented as in training with this seed. */
  indices: readonly number[];
  /** Rows per set: epochs 0, 1, … */
  epochs: number;
  seed: number;
};

/** The sheet cannot be drawn. The message gives the remedy. */
export class SheetError extends Error {
  override name = 'SheetError';
}

const LABEL_LETTERS = 26;
const GAP = 4;
/** Small images are enlarged to at least this side, by an integer factor. */
const LEAST_SIDE = 64;

const MOST_PIXELS = 40_000_000;

/** A note if a set has operations that single images cannot show. */
const hiddenNote = (ops: readonly AugmentOp[]): string[] =>
  ops.length === imageOps(ops).length ? [] : ['(without mixing and normalisation)'];

/** Draw the sheet, one column per image, with labels on the left. @throws SheetError if it would be too large */
export function contactSheet(
  dataset: Pick<Dataset, 'imageSize' | 'mean' | 'std' | 'train'>,
  { sets, indices, epochs, seed }: SheetOptions,
): Picture {
  const { imageSize, train } = dataset;
  const enlarged = Math.ceil(LEAST_SIDE / imageSize);
  const side = imageSize * enlarged;
  const labelWidth = LABEL_LETTERS * LETTER_WIDTH + 2 * GAP;
  const rows = 1 + sets.length * epochs;
  const width = labelWidth + indices.length * (side + GAP);
  const height = GAP + rows * (side + GAP) + sets.length * GAP;
  if (width * height > MOST_PIXELS)
    throw new SheetError(
      `${count(sets.length, 'set')} of ${count(epochs, 'row')} of ${count(indices.length, 'image')} need ${width} × ${height} pixels, more than ${MOST_PIXELS}; request fewer images or epochs`,
    );
  const sheet: Picture = { width, height, pixels: new Uint8Array(width * height * 3).fill(255) };
  const source = openPixels(train.images, imageSize * imageSize * 3);

  /** Draw one row of the sheet, with its label at the top left. */
  const row = (top: number, label: readonly string[], version: (index: number) => Uint8Array): void => {
    for (const [line, text] of label.slice(0, Math.floor(side / LINE_HEIGHT)).entries())
      write(sheet, text, GAP, top + line * LINE_HEIGHT);
    for (const [column, index] of indices.entries())
      enlargeInto(sheet, version(index), { imageSize, enlarged, left: labelWidth + column * (side + GAP), top });
  };

  try {
    row(GAP, [`originals (seed ${seed})`], (index) => source.at(index));
    for (const [position, { label, ops }] of sets.entries()) {
      const { mean, std } = normalisedBy(dataset, ops);
      const change = augmenter(ops, { size: imageSize, mean, std, seed });
      const lines = [...wrap(label, LABEL_LETTERS), ...hiddenNote(ops).flatMap((note) => wrap(note, LABEL_LETTERS))];
      for (let epoch = 0; epoch < epochs; epoch++) {
        const top = GAP + (1 + position * epochs + epoch) * (side + GAP) + (position + 1) * GAP;
        row(top, epoch === 0 ? lines : [`epoch ${epoch + 1}`], (index) => change(source.at(index), epoch, index));
      }
    }
  } finally {
    source.close();
  }
  return sheet;
}

/** Draw a square image, each pixel as `enlarged` × `enlarged` pixels. */
function enlargeInto(
  { width, pixels }: Picture,
  image: Uint8Array,
  { imageSize, enlarged, left, top }: { imageSize: number; enlarged: number; left: number; top: number },
): void {
  for (let y = 0; y < imageSize * enlarged; y++)
    for (let x = 0; x < imageSize * enlarged; x++) {
      const from = (Math.floor(y / enlarged) * imageSize + Math.floor(x / enlarged)) * 3;
      const to = ((top + y) * width + left + x) * 3;
      pixels[to] = image[from]!;
      pixels[to + 1] = image[from + 1]!;
      pixels[to + 2] = image[from + 2]!;
    }
}
