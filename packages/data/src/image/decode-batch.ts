/** Decodes several images at once, so that a message between threads is worth its cost. */
import { DatasetError, type Picture, type Sample } from '../dataset.ts';
import { isJpeg } from './decode.ts';
import { squarePicture } from './square.ts';

export type Undecoded = Pick<Sample, 'image' | 'order'>;

/** Of each image: its side and whether its file is lossy (JPEG), or why it cannot be decoded. */
type DecodedImage = { size: number; lossy: boolean } | { broken: string };

/** `pixels`: those of the decoded images, concatenated. */
export type DecodedBatch = { images: DecodedImage[]; pixels: Uint8Array<ArrayBuffer> };

/** Decode, resize and crop. Broken images are reported in the result, not thrown. */
export async function decodeBatch(samples: readonly Undecoded[], imageSize?: number): Promise<DecodedBatch> {
  const pictures: (Picture | { broken: string })[] = [];
  for (const sample of samples)
    try {
      pictures.push(await squarePicture(sample, imageSize));
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      pictures.push({ broken: error.message });
    }
  const whole = pictures.filter((picture): picture is Picture => 'pixels' in picture);
  const pixels = new Uint8Array(whole.reduce((total, picture) => total + picture.pixels.length, 0));
  let at = 0;
  for (const picture of whole) {
    pixels.set(picture.pixels, at);
    at += picture.pixels.length;
  }
  const images = pictures.map((picture, i): DecodedImage => {
    const image = samples[i]?.image;
    if (!('pixels' in picture)) return picture;
    return { size: picture.width, lossy: image !== undefined && 'bytes' in image && isJpeg(image.bytes) };
  });
  return { images, pixels };
}
