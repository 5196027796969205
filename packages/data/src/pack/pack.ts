/** Decodes samples in threads and appends their pixels to a part file, in the order of the source. */
import { DatasetError, type OnProgress, type Sample } from '../dataset.ts';
import { decodingBytes } from '../image/decode.ts';
import type { DecodedBatch } from '../image/decode-batch.ts';
import { openDecoder } from '../image/decoder.ts';
import type { PackRecord, PartialPack } from './partial-pack.ts';

const BATCH_IMAGES = 128;
const BATCH_BYTES = 4 * 2 ** 20;
const PROGRESS_MS = 250;

export type PackOptions = {
  /** Side that every image is brought to; absent: they must have one size. */
  imageSize?: number;
  /** Skip and count files that cannot be decoded, instead of rejecting the data set. */
  skipBroken?: boolean;
  total: number | null;
  onProgress?: OnProgress;
  signal?: AbortSignal;
};

/** Bytes of a sample or of its result, which are in memory at the same time: a small file may be a large image. */
function bytesOf({ image }: Sample, imageSize?: number): number {
  const encoded = 'bytes' in image ? image.bytes.length : image.pixels.length;
  if (imageSize !== undefined) return Math.max(encoded, imageSize * imageSize * 3);
  return 'bytes' in image ? Math.max(encoded, decodingBytes(image.bytes)) : encoded;
}

/** Raw pixels of the right size need no decoding. */
const isReady = ({ image }: Sample, imageSize?: number) =>
  'pixels' in image && image.width === image.height && image.width === (imageSize ?? image.width);

function joined(samples: readonly Sample[]): DecodedBatch {
  const pictures = samples.map(({ image }) => ('pixels' in image ? image : null)).filter((image) => image !== null);
  const pixels = new Uint8Array(pictures.reduce((total, picture) => total + picture.pixels.length, 0));
  let at = 0;
  for (const picture of pictures) {
    pixels.set(picture.pixels, at);
    at += picture.pixels.length;
  }
  return { images: pictures.map(({ width }) => ({ size: width, lossy: false })), pixels };
}

/** Append the samples that `partial` does not yet contain. @throws DatasetError on broken images and on images of different sizes */
export async function pack(
  samples: AsyncIterable<Sample>,
  partial: PartialPack,
  { imageSize, skipBroken = false, total, onProgress, signal }: PackOptions,
): Promise<void> {
  const decoder = openDecoder(imageSize);
  const queue: { batch: Sample[]; decoded: Promise<DecodedBatch> }[] = [];
  let first: string | undefined;
  let reported = 0;

  function report(isLast = false): void {
    if (!isLast && Date.now() - reported < PROGRESS_MS) return;
    reported = Date.now();
    onProgress?.({ stage: 'packing', done: partial.records.length, total });
  }

  async function store(): Promise<void> {
    const next = queue.shift();
    if (!next) return;
    const { images, pixels } = await next.decoded;
    let size = partial.size;
    const records = next.batch.map(({ set, className, classIndex, order }, i): PackRecord => {
      const image = images[i]!;
      if ('broken' in image) {
        if (!skipBroken)
          throw new DatasetError(
            `${image.broken}; repair or remove it, or set dataset.skipBroken to skip broken files`,
          );
        return image;
      }
      size ??= image.size;
      if (image.size !== size)
        throw new DatasetError(
          `${order}: size mismatch: ${image.size} pixels a side, ${first ?? 'earlier images'} has ${size}; set dataset.imageSize to resize all images`,
        );
      first ??= order;
      const { lossy, bitsUsed } = image;
      return { set, className, classIndex, order, lossy, bitsUsed };
    });
    await partial.append(size, records, pixels);
    report();
  }

  async function send(batch: Sample[]): Promise<void> {
    if (queue.length >= decoder.ahead) await store();
    const decoded = batch.every((sample) => isReady(sample, imageSize))
      ? Promise.resolve(joined(batch))
      : decoder.decode(batch.map(({ image, order }) => ({ image, order })));
    decoded.catch(() => {}); // awaited in `store`, unless packing ends first
    queue.push({ batch, decoded });
  }

  try {
    let skip = partial.records.length;
    let batch: Sample[] = [];
    let bytes = 0;
    for await (const sample of samples) {
      signal?.throwIfAborted();
      if (skip > 0) {
        skip--;
        continue;
      }
      batch.push(sample);
      bytes += bytesOf(sample, imageSize);
      if (batch.length < BATCH_IMAGES && bytes < BATCH_BYTES) continue;
      await send(batch);
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0) await send(batch);
    while (queue.length > 0) await store();
    report(true);
  } finally {
    await decoder.close();
  }
}
