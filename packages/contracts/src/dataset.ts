/** The `dataset` part of a spec, and what is known of data sets before they are read. */
import { z } from 'zod';

const className = z.string().min(1).max(200);

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
  validation: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.1)
    .describe('Share of the samples held out to choose the best epoch, unless the data set gives validation images'),
  splitSeed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0),
  imageSize: z
    .int()
    .min(8)
    .max(1024)
    .optional()
    .describe('Side that every image is resized to when the data set is packed; absent: the images have one size'),
  classes: z
    .array(className)
    .min(2)
    .max(100_000)
    .refine((names) => new Set(names).size === names.length, 'each class may be named once')
    .optional()
    .describe('Names of the classes that are used, such as wnids; all if absent'),
  imagesPerClass: z
    .int()
    .min(1)
    .max(100_000_000)
    .optional()
    .describe("Training images of each class that are packed: the source's first; all if absent"),
  skipBroken: z
    .literal(true)
    .optional()
    .describe('Leave out files that cannot be decoded, and count them; absent: they are refused by name'),
});
export type DatasetChoice = z.infer<typeof DatasetChoice>;

/** What decides the bytes of a packed copy. */
export type PackChoice = Pick<DatasetChoice, 'name' | 'imageSize' | 'classes' | 'imagesPerClass' | 'skipBroken'>;

/** What a spec can be checked against without reading an image; absent where only the images say it. */
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

/** What is known of the chosen part of a data set. A part has as many images as it has: that is not known. */
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
