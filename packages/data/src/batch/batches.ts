/** Makes batches of normalised floats. A batch depends only on its plan, epoch and number. */
import { type AugmentOp, mixOps, normaliseOp } from '@ablate/contracts';
import { countedRandom, randomKey, shuffle } from '@ablate/random';
import { augmenter } from '../augment/augmenter.ts';
import type { Dataset, ImageSet } from '../dataset.ts';
import { openPixels } from '../pack/pixels.ts';
import { mixer, oneHot } from './mix.ts';

/**
 * `images` (count, H, W, 3), `labels` (count) and, if the plan mixes images, soft labels `targets` (count, classes), which replace
 * the labels. All are views of buffers that the next batch overwrites.
 */
export type Batch = { images: Float32Array; labels: Int32Array; targets?: Float32Array; count: number };

type Normalisation = Pick<Dataset, 'imageSize' | 'mean' | 'std'>;

/** The data set with the mean and standard deviation of a `normalise` operation, if there is one. For training and evaluation. */
export function normalisedBy<T extends Normalisation>(dataset: T, augment: readonly AugmentOp[]): T {
  const op = normaliseOp(augment);
  return op ? { ...dataset, mean: op.mean, std: op.std } : dataset;
}

/** A training run's choices for its batches. */
export type BatchSpec = { indices: Int32Array; batchSize: number; augment: readonly AugmentOp[]; seed: number };

/** Everything that determines a batch, except its epoch and number. Plain data, so that it can be passed to a thread. */
export type BatchPlan = Normalisation & BatchSpec & Pick<ImageSet, 'images' | 'labels'> & { classes: number };

export const batchPlan = (
  { imageSize, mean, std, classes, train }: Normalisation & Pick<Dataset, 'classes' | 'train'>,
  spec: BatchSpec,
): BatchPlan => ({
  imageSize,
  mean,
  std,
  classes: classes.length,
  images: train.images,
  labels: train.labels,
  ...spec,
});

/** Lengths of the arrays of a full batch. */
export const batchLengths = ({ imageSize, batchSize, classes, augment }: BatchPlan) => ({
  images: batchSize * imageSize * imageSize * 3,
  labels: batchSize,
  targets: mixOps(augment).length > 0 ? batchSize * classes : 0,
});

/** Full batches in an epoch. The remaining images, different ones in each epoch, are dropped (torch's `drop_last`), so that every step has one shape. */
export const batchesPerEpoch = ({ indices, batchSize }: Pick<BatchPlan, 'indices' | 'batchSize'>): number =>
  Math.floor(indices.length / batchSize);

type Normalise = (pixels: Uint8Array, images: Float32Array, at: number) => void;

/** Normalise bytes with a lookup table per channel: (byte / 255 - mean) / std. */
export function normaliser({ mean, std }: Pick<Dataset, 'mean' | 'std'>): Normalise {
  const table = (channel: 0 | 1 | 2) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean[channel]) / (std[channel] || 1));
  const [red, green, blue] = [table(0), table(1), table(2)];
  return (pixels, images, at) => {
    for (let from = 0, to = at; from < pixels.length; from += 3, to += 3) {
      images[to] = red[pixels[from]!]!;
      images[to + 1] = green[pixels[from + 1]!]!;
      images[to + 2] = blue[pixels[from + 2]!]!;
    }
  };
}

export type BatchMaker = {
  /** Make a full batch in buffers of `batchLengths`. Independent of earlier calls. */
  make(epoch: number, number: number, into: Omit<Batch, 'count'>): void;
  close(): void;
};

/** Makes training batches: order drawn from (seed, epoch), augmentation from (seed, operation, epoch, image), mixing from (seed, epoch, number). The caller closes it. */
export function openBatchMaker(plan: BatchPlan): BatchMaker {
  const { imageSize, images, labels, indices, batchSize, augment, seed, classes } = plan;
  const bytes = imageSize * imageSize * 3;
  const pixels = openPixels(images, bytes);
  const normalise = normaliser(plan);
  const change = augmenter(augment, { size: imageSize, seed, mean: plan.mean, std: plan.std });
  const mix = mixer(augment, { size: imageSize, classes, seed });
  const key = randomKey(seed, 'order');
  const order = new Int32Array(indices.length);
  let shuffled = -1;

  return {
    make(epoch, number, into) {
      if (number >= batchesPerEpoch(plan)) throw new RangeError(`batch ${number} is out of range`);
      if (epoch !== shuffled) {
        order.set(indices);
        shuffle(order, countedRandom(key, [epoch, 0]));
        shuffled = epoch;
      }
      for (let slot = 0; slot < batchSize; slot++) {
        const index = order[number * batchSize + slot]!;
        normalise(change(pixels.at(index), epoch, index), into.images, slot * bytes);
        into.labels[slot] = labels[index]!;
      }
      if (into.targets) {
        oneHot(into.labels, into.targets, classes);
        mix(into.images, into.targets, epoch, number);
      }
    },
    close: () => pixels.close(),
  };
}

type EvaluationSpec = {
  indices?: Int32Array;
  batchSize: number;
  /** Operations on the images, which evaluation has only to show what they do to a figure; drawn as in training of that epoch. */
  augmented?: { augment: readonly AugmentOp[]; seed: number; epoch: number };
};

/** Evaluation batches: in the given order (default: all images), without augmentation unless asked for; the last one may be smaller. */
export function* evaluationBatches(
  normalisation: Normalisation,
  { images, labels, count }: ImageSet,
  { indices, batchSize, augmented }: EvaluationSpec,
): Generator<Batch> {
  const { imageSize, mean, std } = normalisation;
  const bytes = imageSize ** 2 * 3;
  const normalise = normaliser(normalisation);
  const change = augmented && augmenter(augmented.augment, { size: imageSize, seed: augmented.seed, mean, std });
  const into = { images: new Float32Array(batchSize * bytes), labels: new Int32Array(batchSize) };
  const total = indices?.length ?? count;
  const pixels = openPixels(images, bytes);
  try {
    for (let start = 0; start < total; start += batchSize) {
      const size = Math.min(batchSize, total - start);
      for (let slot = 0; slot < size; slot++) {
        const index = indices ? indices[start + slot]! : start + slot;
        const image = pixels.at(index);
        normalise(change ? change(image, augmented.epoch, index) : image, into.images, slot * bytes);
        into.labels[slot] = labels[index]!;
      }
      yield { images: into.images.subarray(0, size * bytes), labels: into.labels.subarray(0, size), count: size };
    }
  } finally {
    pixels.close();
  }
}
