/** The `dataset` part of a spec, and what is known of data sets before they are read. */
import { z } from 'zod';

export const DatasetChoice = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be a plain name of lower-case letters, digits, ".", "_" or "-"')
    .default('cifar10'),
  samples: z
    .int()
    .min(2)
    .max(100_000_000)
    .optional()
    .describe('Training images used, validation included; all if absent'),
  validation: z.number().gt(0).lt(1).default(0.1).describe('Share of the samples held out to choose the best epoch'),
  splitSeed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0),
});
export type DatasetChoice = z.infer<typeof DatasetChoice>;

/** What a spec can be checked against without reading an image. */
export type DatasetFacts = { imageSize: number; classes: number; trainImages: number; testImages: number };

export const KNOWN_DATASETS: Readonly<Record<string, DatasetFacts>> = {
  cifar10: { imageSize: 32, classes: 10, trainImages: 50_000, testImages: 10_000 },
  shapes10: { imageSize: 32, classes: 10, trainImages: 10_000, testImages: 2_000 },
  'tiny-imagenet-20': { imageSize: 64, classes: 20, trainImages: 10_000, testImages: 1_000 },
};
