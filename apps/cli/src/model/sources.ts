/** The network, weights and images of the model commands, opened from their options. */
import { opendir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Preprocessing, UserError } from '@ablate/contracts';
import {
  DatasetError,
  IMAGE_EXTENSIONS,
  isImageFile,
  labelledPictures,
  type PreparationName,
  preparer,
} from '@ablate/data';
import {
  type Float,
  type ImageInput,
  imageBatches,
  type OpenNetwork,
  openNetwork,
  openWeights,
  type RunCheckpoint,
  readTokenizer,
  SafetensorsError,
  type Tokenizer,
  TokenizerError,
  tensorImages,
  type WeightsFile,
} from '@ablate/models';
import type { Context } from '../command.ts';
import { DEFAULT_BATCH, PREPARATIONS } from './choices.ts';
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

async function picturePaths(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const paths: string[] = [];
  for await (const entry of await opendir(path))
    if (entry.isFile() && isImageFile(entry.name)) paths.push(join(path, entry.name));
  if (paths.length === 0)
    throw new UserError(`${path} has no image with one of the extensions ${IMAGE_EXTENSIONS.join(', ')}`);
  if (paths.length > MAX_PICTURES)
    throw new UserError(`${path} has ${paths.length} pictures; the limit is ${MAX_PICTURES}`);
  return paths.sort();
}

/** The network's side: what its images are prepared for. */
type Target = {
  /** Of the input, in pixels. */
  side: number;
  checkpoint: RunCheckpoint | null;
};

/** How pictures are prepared: by `--preprocess`, else as the run did whose weights they are for. @throws UserError */
function preparationOf(
  { preprocess }: Pick<ImagesOptions, 'preprocess'>,
  { checkpoint }: Target,
): PreparationName | Preprocessing {
  if (preprocess !== undefined && preprocess !== 'run') return preprocess;
  const others = PREPARATIONS.filter((name) => name !== 'run').join(', ');
  if (checkpoint === null)
    throw new UserError(
      preprocess === 'run'
        ? `--preprocess run: these weights are not of a run; the others are ${others}`
        : `pictures need --preprocess: ${others}`,
      'usage',
    );
  const { preprocessing } = checkpoint;
  if ('missing' in preprocessing)
    throw new UserError(
      `the checkpoint has no preprocessing: ${preprocessing.missing}. Give --preprocess: ${others}`,
      'usage',
    );
  return preprocessing;
}

async function pictureImages(
  path: string,
  preparation: PreparationName | Preprocessing,
  { side, batch }: { side: number; batch: number },
): Promise<ImageInput> {
  const paths = await picturePaths(path);
  const prepared = preparer(preparation, side);
  const read = async (index: number) => {
    const file = paths[index] ?? '';
    const { size } = await stat(file);
    if (size > MAX_PICTURE_BYTES)
      throw new UserError(`${file} has ${size} bytes; the limit of a picture is ${MAX_PICTURE_BYTES}`);
    const { seen, values } = await prepared(await readFile(file), file);
    return { values, picture: seen };
  };
  return imageBatches(
    paths.map((file) => basename(file)),
    read,
    { side, batch },
  );
}

/** Errors of data sets and files as errors of the user. `input` names the folder or file in them. */
export function asUserError(error: unknown, input: string): unknown {
  if (error instanceof SafetensorsError || error instanceof DatasetError) return new UserError(error.message);
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return new UserError(`${input}: no such file or folder`, 'usage');
  return error;
}

/** The images of the options, prepared for a network. @throws UserError if they are missing or invalid */
export async function openImagesOf(
  { input, preprocess, batch = DEFAULT_BATCH }: ImagesOptions,
  target: Target,
): Promise<ImageInput> {
  const { side } = target;
  try {
    if (/\.safetensors$/i.test(input)) {
      if (preprocess !== undefined)
        throw new UserError(
          '--preprocess is for pictures: the images of a safetensors file are used unchanged',
          'usage',
        );
      return await tensorImages(input, { side, batch });
    }
    return await pictureImages(input, preparationOf({ preprocess }, target), { side, batch });
  } catch (error) {
    throw asUserError(error, input);
  }
}

type LabelledBatch = {
  /** (B, side, side, 3), normalised. */
  images: Float;
  /** (B) Class folders. */
  folders: string[];
};

/**
 * The pictures of the wanted class folders, prepared for a network, in batches. A picture that cannot be decoded is reported to
 * `skip` if the run skipped such pictures. @throws UserError
 */
export async function* labelledBatchesOf(
  { input, preprocess, batch }: { input: string; preprocess?: ImagesOptions['preprocess']; batch: number },
  target: Target,
  {
    isWanted,
    skip,
    note,
  }: { isWanted: (folder: string) => boolean; skip: (why: string) => void; note: (text: string) => void },
): AsyncGenerator<LabelledBatch, void, void> {
  const { side, checkpoint } = target;
  const prepared = preparer(preparationOf({ preprocess }, target), side);
  const size = side * side * 3;
  const data = new Float32Array(batch * size);
  let folders: string[] = [];
  const full = (): LabelledBatch => ({
    images: { dtype: 'F32', shape: [folders.length, side, side, 3], data: data.subarray(0, folders.length * size) },
    folders,
  });
  try {
    for await (const item of labelledPictures(input, isWanted, note)) {
      const { className, order } = item;
      try {
        if ('unreadable' in item) throw new DatasetError(item.unreadable);
        if (!('bytes' in item.image)) continue;
        data.set((await prepared(item.image.bytes, join(input, order))).values, folders.length * size);
      } catch (error) {
        if (!(error instanceof DatasetError && checkpoint?.skipBroken)) throw error;
        skip(error.message);
        continue;
      }
      folders.push(className);
      if (folders.length < batch) continue;
      yield full();
      folders = [];
    }
    if (folders.length > 0) yield full();
  } catch (error) {
    throw asUserError(error, input);
  }
}
