/** The network, weights and images of the model commands, opened from their options. */
import { opendir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '@ablate/contracts';
import { DatasetError, decodeImage, prepare } from '@ablate/data';
import {
  type ImageInput,
  imageBatches,
  type OpenNetwork,
  openNetwork,
  openWeights,
  readTokenizer,
  SafetensorsError,
  type Tokenizer,
  TokenizerError,
  tensorImages,
  type WeightsFile,
} from '@ablate/models';
import type { Context } from '../command.ts';
import type { ImagesOptions, WeightsOptions } from './options.ts';

/** Folder of downloaded weights. */
const weightsCache =
  ({ env }: Context) =>
  async (): Promise<string> =>
    join((await env()).home, 'weights');

/** The network of the options; the caller disposes it. */
export const openNetworkOf = async (options: WeightsOptions, context: Context): Promise<OpenNetwork> =>
  openNetwork(options, { cache: weightsCache(context), report: context.log });

export const openWeightsOf = async (
  options: { weights: string; sha256?: string },
  context: Context,
): Promise<WeightsFile> => openWeights({ ...options, cache: weightsCache(context) });

/** Run `work` with CLIP's tokenizer. `purpose` names what needs it. @throws UserError if the vocabulary or a text is invalid */
export async function withTokenizer<T>(
  { vocabulary }: { vocabulary?: string },
  purpose: string,
  work: (tokenizer: Tokenizer) => T,
): Promise<T> {
  if (vocabulary === undefined)
    throw new UserError(`${purpose} needs --vocabulary, CLIP’s bpe_simple_vocab_16e6.txt (or .gz)`, 'usage');
  try {
    return work(await readTokenizer(vocabulary));
  } catch (error) {
    if (error instanceof TokenizerError) throw new UserError(error.message);
    throw error;
  }
}

const MAX_PICTURES = 100_000;
const MAX_PICTURE_BYTES = 64 * 2 ** 20;
const MAX_SIDE = 10_000;
const IS_PICTURE = /\.(jpe?g|png)$/i;

async function picturePaths(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const paths: string[] = [];
  for await (const entry of await opendir(path))
    if (entry.isFile() && IS_PICTURE.test(entry.name)) paths.push(join(path, entry.name));
  if (paths.length === 0) throw new UserError(`${path} has no .jpg, .jpeg or .png file`);
  if (paths.length > MAX_PICTURES)
    throw new UserError(`${path} has ${paths.length} pictures; the limit is ${MAX_PICTURES}`);
  return paths.sort();
}

async function pictureImages(
  path: string,
  preparation: NonNullable<ImagesOptions['preprocess']>,
  { side, batch }: { side: number; batch: number },
): Promise<ImageInput> {
  const paths = await picturePaths(path);
  const read = async (index: number) => {
    const file = paths[index] ?? '';
    const { size } = await stat(file);
    if (size > MAX_PICTURE_BYTES)
      throw new UserError(`${file} has ${size} bytes; the limit of a picture is ${MAX_PICTURE_BYTES}`);
    const { seen, values } = prepare(await decodeImage(await readFile(file), file, MAX_SIDE), preparation, side);
    return { values, picture: seen };
  };
  return imageBatches(
    paths.map((file) => basename(file)),
    read,
    { side, batch },
  );
}

/** The images of the options for a network that takes `side` pixels. @throws UserError if they are missing or invalid */
export async function openImagesOf({ input, preprocess, batch }: ImagesOptions, side: number): Promise<ImageInput> {
  try {
    if (/\.safetensors$/i.test(input)) {
      if (preprocess !== undefined)
        throw new UserError(
          '--preprocess is for pictures: the images of a safetensors file are used unchanged',
          'usage',
        );
      return await tensorImages(input, { side, batch });
    }
    if (preprocess === undefined) throw new UserError('pictures need --preprocess: imagenet, clip or cifar10', 'usage');
    return await pictureImages(input, preprocess, { side, batch });
  } catch (error) {
    if (error instanceof SafetensorsError || error instanceof DatasetError) throw new UserError(error.message);
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new UserError(`${input}: no such file or folder`, 'usage');
    throw error;
  }
}
