/** Decodes samples in threads and appends their pixels to a part file, in the order of the source. */
import { DatasetError, type OnProgress, type Sample, type SourceItem } from '../dataset.ts';
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
function bytesOf(item: SourceItem, imageSize?: number): number {
  if ('unreadable' in item) return 0;
  const { image } = item;
  const encoded = 'bytes' in image ? image.bytes.length : image.pixels.length;
  if (imageSize !== undefined) return Math.max(encoded, imageSize * imageSize * 3);
  return 'bytes' in image ? Math.max(encoded, decodingBytes(image.bytes)) : encoded;
}

/** Raw pixels of the right size need no decoding. */
const isReady = ({ image }: Sample, imageSize?: number) =>
  'pixels' in image && image.width === image.height && image.width === (imageSize ?? image.width);

const isSample = (item: SourceItem): item is Sample => !('unreadable' in item);

/** The results of all items of a batch, of which only the samples were decoded. */
function withUnreadable(items: readonly SourceItem[], { images, pixels }: DecodedBatch): DecodedBatch {
  const decoded = images.values();
  return {
    images: items.map((item) => ('unreadable' in item ? { broken: item.unreadable } : decoded.next().value!)),
    pixels,
  };
}

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
  samples: AsyncIterable<SourceItem>,
  partial: PartialPack,
  { imageSize, skipBroken = false, total, onProgress, signal }: PackOptions,
): Promise<void> {
  const decoder = openDecoder(imageSize);
  const queue: { batch: SourceItem[]; decoded: Promise<DecodedBatch> }[] = [];
  let first: string | undefined;
  let reported = Number.NEGATIVE_INFINITY;

  function report(isLast = false): void {
    if (!isLast && performance.now() - reported < PROGRESS_MS) return;
    reported = performance.now();
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

  async function send(batch: SourceItem[]): Promise<void> {
    if (queue.length >= decoder.ahead) await store();
    const whole = batch.filter(isSample);
    const decoding = whole.every((sample) => isReady(sample, imageSize))
      ? Promise.resolve(joined(whole))
      : decoder.decode(whole.map(({ image, order }) => ({ image, order })));
    const decoded = decoding.then((result) => withUnreadable(batch, result));
    decoded.catch(() => {}); // awaited in `store`, unless packing ends first
    queue.push({ batch, decoded });
  }

  try {
    let skip = partial.records.length;
    let batch: SourceItem[] = [];
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
