/** Images in, batches of normalised floats out. */
import { type AugmentOp, countedRandom, randomKey } from '@ablate/contracts';
import { augmenter } from './augment.ts';
import type { Dataset, ImageSet } from './dataset.ts';
import { openPixels } from './pixels.ts';
import { shuffle } from './shuffle.ts';

/** `images` (count, H, W, 3) and `labels` (count) are views of buffers that the next batch overwrites. */
export type Batch = { images: Float32Array; labels: Int32Array; count: number };

type Normalisation = Pick<Dataset, 'imageSize' | 'mean' | 'std'>;

type Fill = (place: number, pixels: Uint8Array, label: number) => void;

/** One reused batch. Normalisation is a table: byte and channel in, (byte / 255 - mean) / std out. */
function batchBuffer(
  { imageSize, mean, std }: Normalisation,
  batchSize: number,
): { fill: Fill; take(count: number): Batch } {
  const bytes = imageSize * imageSize * 3;
  const images = new Float32Array(batchSize * bytes);
  const labels = new Int32Array(batchSize);
  const table = (channel: 0 | 1 | 2) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean[channel]) / (std[channel] || 1));
  const [red, green, blue] = [table(0), table(1), table(2)];
  return {
    fill(place, pixels, label) {
      labels[place] = label;
      for (let from = 0, to = place * bytes; from < bytes; from += 3, to += 3) {
        images[to] = red[pixels[from]!]!;
        images[to + 1] = green[pixels[from + 1]!]!;
        images[to + 2] = blue[pixels[from + 2]!]!;
      }
    },
    take: (count) => ({ images: images.subarray(0, count * bytes), labels: labels.subarray(0, count), count }),
  };
}

export type TrainBatches = {
  /** Whole batches in an epoch: the images left over are dropped, each epoch others (torch's `drop_last`), so every step has one shape. */
  perEpoch: number;
  /** Batch `number` (from 0) of `epoch` (from 0). It depends on nothing that was asked for before. */
  batch(epoch: number, number: number): Batch;
  close(): void;
};

/** Training batches: order drawn from (seed, epoch), augmentation from (seed, operation, epoch, image). */
export function trainBatches(
  dataset: Normalisation & Pick<Dataset, 'train'>,
  {
    indices,
    batchSize,
    augment,
    seed,
  }: { indices: Int32Array; batchSize: number; augment: readonly AugmentOp[]; seed: number },
): TrainBatches {
  const { imageSize, train } = dataset;
  const bytes = imageSize * imageSize * 3;
  const { fill, take } = batchBuffer(dataset, batchSize);
  const pixels = openPixels(train.images, bytes);
  const change = augmenter(augment, { size: imageSize, seed });
  const key = randomKey(seed, 'order');
  const order = new Int32Array(indices.length);
  let shuffled = -1;

  return {
    perEpoch: Math.floor(indices.length / batchSize),
    batch(epoch, number) {
      if (epoch !== shuffled) {
        order.set(indices);
        shuffle(order, countedRandom(key, [epoch, 0]));
        shuffled = epoch;
      }
      for (let place = 0; place < batchSize; place++) {
        const index = order[number * batchSize + place];
        if (index === undefined) throw new RangeError(`an epoch has no batch ${number}`);
        fill(place, change(pixels.at(index), epoch, index), train.labels[index]!);
      }
      return take(batchSize);
    },
    close: () => pixels.close(),
  };
}

/** Batches for measuring: in the given order (all images if no indices are), never augmented, the last one as small as it is. */
export function* evaluationBatches(
  normalisation: Normalisation,
  { images, labels, count }: ImageSet,
  { indices, batchSize }: { indices?: Int32Array; batchSize: number },
): Generator<Batch> {
  const bytes = normalisation.imageSize ** 2 * 3;
  const { fill, take } = batchBuffer(normalisation, batchSize);
  const total = indices?.length ?? count;
  const pixels = openPixels(images, bytes);
  try {
    for (let start = 0; start < total; start += batchSize) {
      const size = Math.min(batchSize, total - start);
      for (let place = 0; place < size; place++) {
        const index = indices ? indices[start + place]! : start + place;
        fill(place, pixels.at(index), labels[index]!);
      }
      yield take(size);
    }
  } finally {
    pixels.close();
  }
}
