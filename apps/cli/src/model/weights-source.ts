/** The file that `--weights` means: a path, or a URL with the sha256 of what is behind it. */
import { join } from 'node:path';
import type { Model } from '@ablate/contracts';
import { downloadWeights, readTensorsFile, SafetensorsError, type TensorData } from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { parseModel, readModel } from './model-file.ts';
import type { WeightsOptions } from './options.ts';

export type WeightsFile = {
  tensors: Map<string, TensorData>;
  /** Of a checkpoint of a run: what the run trained. */
  checkpoint: { model: Model } | null;
};

const CheckpointConfig = z.looseObject({ model: z.unknown() });

const isUrl = (source: string): boolean => /^[a-z]+:\/\//i.test(source);

/** Open a weights file. @throws Failure naming it and what is wrong. */
export async function openWeights(
  { weights, sha256 }: { weights: string; sha256?: string },
  context: Context,
): Promise<WeightsFile> {
  let path = weights;
  if (isUrl(weights)) {
    if (sha256 === undefined)
      throw new Failure(
        `--sha256 must say which file is meant by ${weights}: nothing unverified is loaded`,
        EXIT.usage,
      );
    const { home } = await context.env();
    path = await downloadWeights({ url: weights, sha256, cache: join(home, 'weights') }).catch((cause: Error) => {
      throw new Failure(cause.message);
    });
  }
  try {
    const { tensors, metadata } = await readTensorsFile(path);
    if (metadata.format !== 'ablate') return { tensors, checkpoint: null };
    const config = CheckpointConfig.parse(JSON.parse(metadata.config ?? 'null'));
    return { tensors, checkpoint: { model: parseModel(config.model, path) } };
  } catch (error) {
    if (error instanceof SafetensorsError) throw new Failure(error.message);
    throw error;
  }
}

/** The model of `--model`, else of the checkpoint. */
export async function modelOf({ model }: Pick<WeightsOptions, 'model'>, file?: WeightsFile): Promise<Model> {
  if (model !== undefined) return readModel(model);
  if (file?.checkpoint) return file.checkpoint.model;
  throw new Failure('--model is missing: give the `model` part of a spec as JSON, or the name of a preset', EXIT.usage);
}
