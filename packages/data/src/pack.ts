/** Samples in any order in; two sets of raw bytes out, the same for the same images whatever held them. */
import { DatasetError, type ImageSet, type OnProgress, type Sample } from './dataset.ts';

type PackedSet = ImageSet & { images: Uint8Array };
export type Packed = { imageSize: number; classes: string[]; train: PackedSet; test: PackedSet };

/** Bytes of all decoded images together. */
export const MAX_PIXEL_BYTES = 3 * 2 ** 30;

const byOrder = (a: Sample, b: Sample) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0);

function toSet(samples: Sample[], imageSize: number, labelOf: Map<string, number>): PackedSet {
  samples.sort(byOrder);
  const bytes = imageSize * imageSize * 3;
  const images = new Uint8Array(samples.length * bytes);
  const labels = new Int32Array(samples.length);
  samples.forEach(({ className, order, pixels }, i) => {
    if (samples[i - 1]?.order === order) throw new DatasetError(`${order}: there twice`);
    images.set(pixels, i * bytes);
    labels[i] = labelOf.get(className) ?? 0;
  });
  return { images, labels, count: samples.length };
}

/**
 * Gather samples into sets sorted by `order`, with the classes' names sorted.
 * @throws DatasetError where images differ in size, a class is missing from training, or a set is empty
 */
export async function pack(
  samples: AsyncIterable<Sample>,
  { total = null, onProgress }: { total?: number | null; onProgress?: OnProgress } = {},
): Promise<Packed> {
  const sets: Record<Sample['set'], Sample[]> = { train: [], test: [] };
  let first: Sample | undefined;
  let done = 0;
  let bytes = 0;
  for await (const sample of samples) {
    first ??= sample;
    if (sample.size !== first.size)
      throw new DatasetError(
        `${sample.order}: ${sample.size} pixels a side, but ${first.order} has ${first.size}; resize the images to one size first`,
      );
    bytes += sample.pixels.length;
    if (bytes > MAX_PIXEL_BYTES)
      throw new DatasetError(`more than ${MAX_PIXEL_BYTES} bytes of pixels do not fit in memory`);
    sets[sample.set].push(sample);
    if (++done % 1000 === 0) onProgress?.({ stage: 'packing', done, total });
  }
  if (!first || sets.train.length === 0 || sets.test.length === 0)
    throw new DatasetError(
      `holds ${sets.train.length} training and ${sets.test.length} test images; expected train/<class>/*.jpg and test/<class>/*.jpg (or .png), or CIFAR-10's data_batch_*.bin and test_batch.bin`,
    );

  const classes = [...new Set(sets.train.map((s) => s.className))].sort();
  const stranger = sets.test.find((s) => !classes.includes(s.className));
  if (stranger) throw new DatasetError(`${stranger.order}: class "${stranger.className}" has no training images`);
  if (classes.length < 2) throw new DatasetError(`holds one class only, "${classes[0]}"; at least two are needed`);
  const labelOf = new Map(classes.map((name, i) => [name, i]));
  return {
    imageSize: first.size,
    classes,
    train: toSet(sets.train, first.size, labelOf),
    test: toSet(sets.test, first.size, labelOf),
  };
}

/** Mean and standard deviation of each channel over all pixels, on a scale where a byte of 255 is 1. */
export function channelStatistics(images: Uint8Array): Record<'mean' | 'std', [number, number, number]> {
  const histogram = new Float64Array(3 * 256);
  for (let i = 0; i < images.length; i += 3) {
    histogram[images[i]!]!++;
    histogram[256 + images[i + 1]!]!++;
    histogram[512 + images[i + 2]!]!++;
  }
  const pixels = images.length / 3;
  const channel = (c: number) => {
    let sum = 0;
    let squares = 0;
    for (let v = 0; v < 256; v++) {
      const n = histogram[c * 256 + v]!;
      sum += n * v;
      squares += n * v * v;
    }
    const mean = sum / pixels;
    return { mean: mean / 255, std: Math.sqrt(squares / pixels - mean * mean) / 255 };
  };
  const [r, g, b] = [channel(0), channel(1), channel(2)];
  return { mean: [r.mean, g.mean, b.mean], std: [r.std, g.std, b.std] };
}
