import { AUGMENT_SETS, Augment, type AugmentOp, augmentOps } from '@ablate/contracts';
import { z } from 'zod';

export const Work = z.enum(['basic', 'randaugment', 'jpeg', 'packed']);
export type Work = z.infer<typeof Work>;

/** The task of a loader, passed to a process as JSON. The same for Node and Python. */
export const Task = z.strictObject({
  work: Work,
  batchSize: z.int().min(1),
  /** Threads, or processes, that make batches. */
  threads: z.int().min(1),
  /** A file of raw images (N, size, size, 3), or a folder of JPEG files. */
  images: z.string(),
});
export type Task = z.infer<typeof Task>;

type ImageKind = 'small' | 'jpeg' | 'large';
/** `images`: input of Ablate; `torchReads`: input of torchvision where it has no packed copy. */
type WorkRow = {
  title: string;
  size: number;
  batch: number;
  augment: readonly AugmentOp[];
  images: ImageKind;
  torchReads?: ImageKind;
};

const resizedCrop = augmentOps(Augment.parse([{ op: 'resizedCrop', p: 1 }, { op: 'flip' }]));

/** The measured work: from images to normalized batches. */
export const WORKS: Readonly<Record<Work, WorkRow>> = {
  basic: { title: 'basic, 32×32', size: 32, batch: 128, augment: AUGMENT_SETS.basic, images: 'small' },
  randaugment: {
    title: 'randaugment, 32×32',
    size: 32,
    batch: 128,
    augment: AUGMENT_SETS.randaugment,
    images: 'small',
  },
  jpeg: {
    title: 'random resized crop to 224×224, from JPEG of 512×384',
    size: 224,
    batch: 32,
    augment: resizedCrop,
    images: 'jpeg',
  },
  packed: {
    title: 'the same from a copy packed at 224×224, as in a run (torchvision: from JPEG)',
    size: 224,
    batch: 32,
    augment: resizedCrop,
    images: 'large',
    torchReads: 'jpeg',
  },
};

/** Those of ImageNet; the values do not affect the speed. */
export const MEAN: [number, number, number] = [0.485, 0.456, 0.406];
export const STD: [number, number, number] = [0.229, 0.224, 0.225];
/** More epochs than any bench runs. */
export const EPOCHS = 10_000;
