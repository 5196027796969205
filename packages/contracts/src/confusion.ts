/** Which classes are taken for which: of one run, of all seeds of a config, or of two configs side by side. */
import { z } from 'zod';
import { whole } from './numbers.ts';
import { PredictedSplit } from './predictions.ts';

export const ConfusionSide = z.strictObject({
  sweep: z.strictObject({ id: z.uuid(), name: z.string() }),
  configId: z.uuid(),
  position: whole.describe('Index of the config in the sweep, from 0'),
  axes: z.record(z.string(), z.unknown()),
  runs: z
    .array(z.strictObject({ id: z.uuid(), seed: whole }))
    .describe('The runs whose predictions are summed: those that succeeded and whose predictions are kept'),
  images: whole.describe('Predictions, over all of these runs'),
  correct: whole,
});
export type ConfusionSide = z.infer<typeof ConfusionSide>;

export const ConfusionView = z.strictObject({
  split: PredictedSplit,
  classes: z.array(z.string()).describe('Names; the classes of a cell are indices into them'),
  sides: z.array(ConfusionSide).min(1).max(2).describe('What was asked for, then `with`'),
  cells: z
    .array(
      z.strictObject({
        label: whole.describe('True class'),
        predicted: whole.describe('Predicted class'),
        n: z.array(whole).describe('Predictions of each side'),
      }),
    )
    .describe('Classes that occur together'),
  omitted: whole.describe('Cells beside the diagonal with the fewest predictions that are left out'),
});
export type ConfusionView = z.infer<typeof ConfusionView>;

/** The images of one cell. */
export const CellImages = z.strictObject({
  total: whole.describe('Images in the cell'),
  runId: z.uuid().describe('A run whose data set holds the images'),
  items: z.array(
    z.strictObject({
      image: whole.describe('Index of the image in its set'),
      sides: z.array(
        z.strictObject({
          runs: whole.describe('Runs of this side that classified the image'),
          votes: whole.describe('Those that predict the class of the cell'),
          confidence: z.number().nullable().describe('Mean probability that these give the class; null without one'),
          rank: z.number().min(1).describe('Mean rank of the true class over all runs of the side; 1 is right'),
        }),
      ),
    }),
  ),
});
export type CellImages = z.infer<typeof CellImages>;
