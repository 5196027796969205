/** Decodes several images at once, so that a message between threads is worth its cost. */
import { DatasetError, type Sample } from '../dataset.ts';
import { openBudget } from './budget.ts';
import { type Decoded, decodingBytes } from './decode.ts';
import { isJpeg } from './header/formats.ts';
import { squarePicture } from './square.ts';

export type Undecoded = Pick<Sample, 'image' | 'order'>;

/**
 * Of each image: its side, whether its file is lossy (JPEG), and how many bits its values use if its file has 16 per channel; or
 * why it cannot be decoded.
 */
type DecodedImage = { size: number; lossy: boolean; bitsUsed?: number } | { broken: string };

/** `pixels`: those of the decoded images, concatenated. */
export type DecodedBatch = { images: DecodedImage[]; pixels: Uint8Array<ArrayBuffer> };

export type BatchOptions = {
  /** Side that every image is brought to; absent: its own. */
  imageSize?: number;
  /** Memory for the images that are decoded at the same time. */
  memory: number;
};

/** Small images that are decoded at the same time: libvips works while another is resized. */
const MOST_AT_ONCE = 4;
/** Memory that lets small images be decoded at the same time. */
const SMALL_BYTES = 16 * 2 ** 20;

const memoryOf = ({ image }: Undecoded): number => ('bytes' in image ? decodingBytes(image.bytes) : 0);

/** Memory that a batch needs: of its largest image, or of several small ones. */
export const batchMemory = (samples: readonly Undecoded[]): number =>
  samples.reduce((most, sample) => Math.max(most, memoryOf(sample)), SMALL_BYTES);

/** Decode, resize and crop. Broken images are reported in the result, not thrown. */
export async function decodeBatch(
  samples: readonly Undecoded[],
  { imageSize, memory }: BatchOptions,
): Promise<DecodedBatch> {
  const within = openBudget(memory);
  const pictures = await Promise.all(
    samples.map((sample) =>
      within(Math.max(memory / MOST_AT_ONCE, memoryOf(sample)), async (): Promise<Decoded | { broken: string }> => {
        try {
          return await squarePicture(sample, imageSize);
        } catch (error) {
          if (!(error instanceof DatasetError)) throw error;
          return { broken: error.message };
        }
      }),
    ),
  );
  const whole = pictures.filter((picture): picture is Decoded => 'pixels' in picture);
  const pixels = new Uint8Array(whole.reduce((total, picture) => total + picture.pixels.length, 0));
  let at = 0;
  for (const picture of whole) {
    pixels.set(picture.pixels, at);
    at += picture.pixels.length;
  }
  const images = pictures.map((picture, i): DecodedImage => {
    const image = samples[i]?.image;
    if (!('pixels' in picture)) return picture;
    const { width: size, bitsUsed } = picture;
    return { size, lossy: image !== undefined && 'bytes' in image && isJpeg(image.bytes), bitsUsed };
  });
  return { images, pixels };
}
