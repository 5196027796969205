import { AUGMENT_SETS, Augment, type AugmentOp, augmentOps } from '@ablate/contracts';
import { z } from 'zod';

export const Work = z.enum(['basic', 'randaugment', 'jpeg', 'packed']);
export type Work = z.infer<typeof Work>;

/** One loader's job, told to a process as JSON. The same words go to Node and to Python. */
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
/** `images`: what ours reads; `torchReads`: what torchvision reads, where it has nothing like a packed copy. */
type WorkRow = {
  title: string;
  size: number;
  batch: number;
  augment: readonly AugmentOp[];
  images: ImageKind;
  torchReads?: ImageKind;
};

const resizedCrop = augmentOps(Augment.parse([{ op: 'resizedCrop', p: 1 }, { op: 'flip' }]));

/** What is measured: images in, normalised batches out. */
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
    title: 'the same as a run does it, from the copy packed at 224×224 (torchvision: from JPEG)',
    size: 224,
    batch: 32,
    augment: resizedCrop,
    images: 'large',
    torchReads: 'jpeg',
  },
};

/** ImageNet's: which numbers they are does not change the speed. */
export const MEAN: [number, number, number] = [0.485, 0.456, 0.406];
export const STD: [number, number, number] = [0.229, 0.224, 0.225];
/** Epochs that no bench comes to the end of. */
export const EPOCHS = 10_000;
