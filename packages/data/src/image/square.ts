/** Converts an image of the source to the square that is packed. */
import { DatasetError, type Sample } from '../dataset.ts';
import { type Decoded, decodeImage, MAX_IMAGE_SIDE } from './decode.ts';
import { resizeAndCrop } from './resize.ts';

/** Largest side of an image that packing resizes. The largest of ImageNet has 9,331. */
const MAX_SIDE_BEFORE_RESIZE = 16_384;

/**
 * Decode. If the image does not have the requested size, resize its shorter side (antialiased bilinear, as Pillow) and crop the
 * centre.
 * @returns (size, size, 3)
 * @throws DatasetError if no size is requested and the image is not square
 */
export async function squarePicture(
  { image, order }: Pick<Sample, 'image' | 'order'>,
  imageSize?: number,
): Promise<Decoded> {
  const maxSide = imageSize === undefined ? MAX_IMAGE_SIDE : MAX_SIDE_BEFORE_RESIZE;
  const picture: Decoded = 'pixels' in image ? image : await decodeImage(image.bytes, order, maxSide);
  const { width, height, bitsUsed } = picture;
  if (imageSize !== undefined && (width !== imageSize || height !== imageSize))
    return { ...resizeAndCrop(picture, imageSize, imageSize, 'bilinear'), bitsUsed };
  if (width !== height)
    throw new DatasetError(
      `${order}: ${width}×${height} pixels, expected a square; set dataset.imageSize to resize and crop all images`,
    );
  return picture;
}
