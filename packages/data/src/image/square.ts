/** From an image as it was found to the square that is packed. */
import { DatasetError, type Picture, type Sample } from '../dataset.ts';
import { decodeImage, MAX_IMAGE_SIDE } from './decode.ts';
import { centreCrop, resizeShort } from './resize.ts';

/** Largest side of an image that is made smaller on packing. The largest of ImageNet has 9,331. */
const MAX_SIDE_BEFORE_RESIZE = 16_384;

/**
 * Decode, and, where a size is asked for that the image does not have: resize the shorter side to it (antialiased bilinear, as Pillow), cut out the middle.
 * @returns (size, size, 3)
 * @throws DatasetError when no size is asked for and the image is not square
 */
export async function squarePicture(
  { image, order }: Pick<Sample, 'image' | 'order'>,
  imageSize?: number,
): Promise<Picture> {
  const maxSide = imageSize === undefined ? MAX_IMAGE_SIDE : MAX_SIDE_BEFORE_RESIZE;
  const picture = 'pixels' in image ? image : await decodeImage(image.bytes, order, maxSide);
  const { width, height } = picture;
  if (imageSize !== undefined && (width !== imageSize || height !== imageSize))
    return centreCrop(resizeShort(picture, imageSize, 'bilinear'), imageSize);
  if (width !== height)
    throw new DatasetError(
      `${order}: ${width}×${height} pixels, but images must be square; give dataset.imageSize, and they are resized and cropped`,
    );
  return picture;
}
