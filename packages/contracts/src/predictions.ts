/** What a run's model said of the images of a split. */
import { z } from 'zod';
import { probability, whole } from './numbers.ts';

/** Splits whose predictions are kept. */
export const PredictedSplit = z.enum(['test', 'validation']);
export type PredictedSplit = z.infer<typeof PredictedSplit>;

/** What a run's model said of one image. */
export const PredictionView = z.strictObject({
  image: whole.describe('Index of the image in its set'),
  label: whole.describe('Index of the true class'),
  labelName: z.string().nullable(),
  predicted: whole.describe('Index of the predicted class'),
  predictedName: z.string().nullable(),
  confidence: probability.describe('Probability of the predicted class, in steps of 1/255'),
  rank: z.int().min(1).describe('Rank of the true class; 1 is right'),
  correct: z.boolean(),
});
export type PredictionView = z.infer<typeof PredictionView>;

/** How often a run's model takes one class for another. */
export const Confusion = z.strictObject({
  split: PredictedSplit,
  images: whole,
  correct: whole,
  cells: z
    .array(
      z.strictObject({
        label: whole,
        labelName: z.string().nullable(),
        predicted: whole,
        predictedName: z.string().nullable(),
        n: whole,
      }),
    )
    .describe('True and predicted classes that occur together'),
});
export type Confusion = z.infer<typeof Confusion>;
