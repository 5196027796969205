/** The `dataset` part of a spec, and facts about well-known data sets. */
import { z } from 'zod';
import { text } from './text.ts';

const className = text(200).min(1);

export const DatasetChoice = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be a name of lower-case letters, digits, ".", "_" or "-"')
    .default('cifar10')
    .describe('A known data set, or the name of a file or folder on the data path'),
  samples: z
    .int()
    .min(2)
    .max(100_000_000)
    .optional()
    .describe('Number of training images used, validation included; default: all'),
  validation: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.1)
    .describe('Share of the samples held out to choose the best epoch; ignored if the data set has validation images'),
  splitSeed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0)
    .describe('Seed of the split into training and validation images'),
  imageSize: z
    .int()
    .min(8)
    .max(1024)
    .optional()
    .describe(
      'Side in pixels to which images are resized when the data set is packed; default: images keep their size, which must be uniform',
    ),
  classes: z
    .array(className)
    .min(2)
    .max(100_000)
    .refine((names) => new Set(names).size === names.length, 'duplicate class')
    .optional()
    .describe('Names of the classes used, such as wnids; default: all'),
  imagesPerClass: z
    .int()
    .min(1)
    .max(100_000_000)
    .optional()
    .describe('Training images packed for each class, the first in the source; default: all'),
  skipBroken: z
    .literal(true)
    .optional()
    .describe('Skip files that cannot be decoded, and count them; default: packing fails and names the file'),
});
export type DatasetChoice = z.infer<typeof DatasetChoice>;

/** The fields that determine the bytes of a packed copy. */
export type PackChoice = Pick<DatasetChoice, 'name' | 'imageSize' | 'classes' | 'imagesPerClass' | 'skipBroken'>;

/** Facts that a spec is checked against without reading images; absent if only the images have them. */
export type DatasetFacts = { imageSize?: number; classes?: number; trainImages?: number; testImages?: number };

export const KNOWN_DATASETS: Readonly<Record<string, DatasetFacts>> = {
  cifar10: { imageSize: 32, classes: 10, trainImages: 50_000, testImages: 10_000 },
  cifar100: { imageSize: 32, classes: 100, trainImages: 50_000, testImages: 10_000 },
  mnist: { imageSize: 28, classes: 10, trainImages: 60_000, testImages: 10_000 },
  'fashion-mnist': { imageSize: 28, classes: 10, trainImages: 60_000, testImages: 10_000 },
  shapes10: { imageSize: 32, classes: 10, trainImages: 10_000, testImages: 2_000 },
  'tiny-imagenet-20': { imageSize: 64, classes: 20, trainImages: 10_000, testImages: 1_000 },
  ilsvrc2012: { classes: 1000, trainImages: 1_281_167, testImages: 50_000 },
};

/** Facts about the chosen part of a data set. The number of images of a part is unknown until it is packed. */
export function datasetFacts({ name, imageSize, classes, imagesPerClass, skipBroken }: PackChoice): DatasetFacts {
  const known = Object.hasOwn(KNOWN_DATASETS, name) ? KNOWN_DATASETS[name] : undefined;
  const isPart = classes !== undefined || imagesPerClass !== undefined || skipBroken !== undefined;
  return {
    imageSize: imageSize ?? known?.imageSize,
    classes: classes?.length ?? known?.classes,
    trainImages: isPart ? undefined : known?.trainImages,
    testImages: isPart ? undefined : known?.testImages,
  };
}
