/** The images that `--input` means: a tensor, or pictures to prepare. */
import { opendir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatasetError, decodeImage, type Picture, prepare } from '@ablate/data';
import { isMissing } from '@ablate/files';
import { type Float, readTensorsFile, SafetensorsError } from '@ablate/models';
import { EXIT, Failure } from '../failure.ts';
import type { ImagesOptions } from './options.ts';

const MAX_PICTURES = 100_000;
const MAX_PICTURE_BYTES = 64 * 2 ** 20;
const MAX_SIDE = 10_000;
const IS_PICTURE = /\.(jpe?g|png)$/i;

export type ImageBatch = {
  /** (B, side, side, 3), normalised. */
  images: Float;
  /** What a person sees of each: the cropped picture, or the tensor's values stretched to bytes. */
  pictures: Picture[];
  names: string[];
};

export type ImageInput = { count: number; names: string[]; batches: () => AsyncGenerator<ImageBatch> };

/** Values of one image stretched to bytes, least to most. */
function stretched(values: Float32Array, side: number): Picture {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const span = high - low || 1;
  return { width: side, height: side, pixels: Uint8Array.from(values, (value) => (255 * (value - low)) / span) };
}

async function tensorInput(path: string, side: number, batch: number): Promise<ImageInput> {
  const { tensors } = await readTensorsFile(path);
  const images = tensors.get('images');
  if (!images)
    throw new Failure(`${path} has no tensor "images"; it has ${[...tensors.keys()].slice(0, 8).join(', ')}`);
  const [count = 0, height, width, channels] = images.shape;
  if (images.dtype !== 'F32' || images.shape.length !== 4 || height !== side || width !== side || channels !== 3)
    throw new Failure(
      `"images" of ${path} is ${images.dtype} [${images.shape}]; the model takes float32 [N, ${side}, ${side}, 3]`,
    );
  if (!images.data.every(Number.isFinite)) throw new Failure(`"images" of ${path} holds values that are not finite`);
  const size = side * side * 3;
  const names = Array.from({ length: count }, (_, index) => String(index));
  return {
    count,
    names,
    batches: async function* () {
      for (let at = 0; at < count; at += batch) {
        const length = Math.min(batch, count - at);
        const data = images.data.subarray(at * size, (at + length) * size);
        yield {
          images: { dtype: 'F32', shape: [length, side, side, 3], data },
          pictures: Array.from({ length }, (_, i) => stretched(data.subarray(i * size, (i + 1) * size), side)),
          names: names.slice(at, at + length),
        };
      }
    },
  };
}

async function picturePaths(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const paths: string[] = [];
  for await (const entry of await opendir(path))
    if (entry.isFile() && IS_PICTURE.test(entry.name)) paths.push(join(path, entry.name));
  if (paths.length === 0) throw new Failure(`${path} holds no .jpg, .jpeg or .png file`);
  if (paths.length > MAX_PICTURES)
    throw new Failure(`${path} holds ${paths.length} pictures; ${MAX_PICTURES} are read at most`);
  return paths.sort();
}

async function readPicture(path: string): Promise<Picture> {
  const { size } = await stat(path);
  if (size > MAX_PICTURE_BYTES) throw new Failure(`${path} has ${size} bytes; a picture may have ${MAX_PICTURE_BYTES}`);
  return decodeImage(await readFile(path), path, MAX_SIDE);
}

async function pictureInput(
  path: string,
  preparation: NonNullable<ImagesOptions['preprocess']>,
  side: number,
  batch: number,
): Promise<ImageInput> {
  const paths = await picturePaths(path);
  const names = paths.map((file) => basename(file));
  const size = side * side * 3;
  return {
    count: paths.length,
    names,
    batches: async function* () {
      for (let at = 0; at < paths.length; at += batch) {
        const chosen = paths.slice(at, at + batch);
        const data = new Float32Array(chosen.length * size);
        const pictures: Picture[] = [];
        for (const [index, file] of chosen.entries()) {
          const { seen, values } = prepare(await readPicture(file), preparation, side);
          data.set(values, index * size);
          pictures.push(seen);
        }
        yield {
          images: { dtype: 'F32', shape: [chosen.length, side, side, 3], data },
          pictures,
          names: names.slice(at, at + batch),
        };
      }
    },
  };
}

/** Open the images for a network that takes `side` pixels. @throws Failure naming what is wrong. */
export async function openImages({ input, preprocess, batch }: ImagesOptions, side: number): Promise<ImageInput> {
  try {
    if (/\.safetensors$/i.test(input)) {
      if (preprocess !== undefined)
        throw new Failure(
          '--preprocess is for pictures: `images` of a safetensors file are taken as they are',
          EXIT.usage,
        );
      return await tensorInput(input, side, batch);
    }
    if (preprocess === undefined)
      throw new Failure('--preprocess must say how pictures are prepared: imagenet, clip or cifar10', EXIT.usage);
    return await pictureInput(input, preprocess, side, batch);
  } catch (error) {
    if (error instanceof SafetensorsError || error instanceof DatasetError) throw new Failure(error.message);
    if (isMissing(error)) throw new Failure(`${input}: no such file or folder`, EXIT.usage);
    throw error;
  }
}
