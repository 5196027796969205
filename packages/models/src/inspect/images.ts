/** Images for a network in batches: from a safetensors file, or from pictures that the caller decodes. */
import { UserError } from '@ablate/contracts';
import type { Picture } from '@ablate/files/png';
import { readTensorsFile } from '../weights/file.ts';
import type { Float } from './tensor.ts';

type ImageBatch = {
  /** (B, side, side, 3), normalised. */
  images: Float;
  /** How each image looks: the cropped picture, or the tensor's values scaled to bytes. */
  pictures: Picture[];
  names: string[];
};

export type ImageInput = { count: number; names: string[]; batches: () => AsyncGenerator<ImageBatch, void, void> };

/** One image: its normalised values (side, side, 3), and how it looks. */
type ReadImage = (index: number) => Promise<{ values: Float32Array; picture: Picture }>;

/** Batches of images that `read` returns one by one. `side` and `batch` in pixels and images. */
export function imageBatches(
  names: readonly string[],
  read: ReadImage,
  { side, batch }: { side: number; batch: number },
): ImageInput {
  const size = side * side * 3;
  return {
    count: names.length,
    names: [...names],
    batches: async function* () {
      for (let from = 0; from < names.length; from += batch) {
        const chosen = names.slice(from, from + batch);
        const data = new Float32Array(chosen.length * size);
        const pictures: Picture[] = [];
        for (const index of chosen.keys()) {
          const { values, picture } = await read(from + index);
          data.set(values, index * size);
          pictures.push(picture);
        }
        yield { images: { dtype: 'F32', shape: [chosen.length, side, side, 3], data }, pictures, names: chosen };
      }
    },
  };
}

/** The values of one image scaled to bytes, lowest to highest. */
function scaled(values: Float32Array, side: number): Picture {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const span = high - low || 1;
  return { width: side, height: side, pixels: Uint8Array.from(values, (value) => (255 * (value - low)) / span) };
}

/** The tensor `images` (N, side, side, 3), float32, of a safetensors file. @throws UserError if it is missing or does not fit */
export async function tensorImages(path: string, size: { side: number; batch: number }): Promise<ImageInput> {
  const { side } = size;
  const { tensors } = await readTensorsFile(path);
  const images = tensors.get('images');
  if (!images)
    throw new UserError(`${path} has no tensor "images"; it has ${[...tensors.keys()].slice(0, 8).join(', ')}`);
  const [count = 0, height, width, channels] = images.shape;
  if (images.dtype !== 'F32' || images.shape.length !== 4 || height !== side || width !== side || channels !== 3)
    throw new UserError(
      `shape mismatch: "images" in ${path} is ${images.dtype} [${images.shape}], the model takes F32 [N, ${side}, ${side}, 3]`,
    );
  const { data } = images;
  if (!data.every(Number.isFinite)) throw new UserError(`"images" in ${path} has values that are not finite`);
  const length = side * side * 3;
  const names = Array.from({ length: count }, (_, index) => String(index));
  const read: ReadImage = async (index) => {
    const values = data.subarray(index * length, (index + 1) * length);
    return { values, picture: scaled(values, side) };
  };
  return imageBatches(names, read, size);
}
