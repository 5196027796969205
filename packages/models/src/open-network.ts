/** A network with its weights: from a file, or with the initial values of a seed. */
import { type Model, UserError } from '@ablate/contracts';
import { buildClip, buildModel, type ClipNetwork, type Network } from './build.ts';
import { readModel } from './model-file.ts';
import type { TensorData } from './safetensors.ts';
import { assignWeights } from './weights/assign.ts';
import { fitWeights, openWeights, type WeightsFile } from './weights/open.ts';
import type { RunCheckpoint } from './weights/run-checkpoint.ts';

export type NetworkSource = {
  /** A JSON file or a preset; a checkpoint of a run needs none. */
  model?: string;
  /** A path or a URL; without it, `seed` sets the initial values. */
  weights?: string;
  sha256?: string;
  names?: string;
  interpolatePositions?: boolean;
  seed?: number;
};

/** `clip` is the same network with both sides, if it is a CLIP. `checkpoint` is null unless a run wrote the weights. */
export type OpenNetwork = { network: Network; clip: ClipNetwork | null; checkpoint: RunCheckpoint | null };

/** The model named by `model`, else the checkpoint's. @throws UserError if there is neither */
export async function modelOf({ model }: Pick<NetworkSource, 'model'>, file?: WeightsFile): Promise<Model> {
  if (model !== undefined) return readModel(model);
  if (file?.checkpoint) return file.checkpoint.model;
  throw new UserError(
    'missing --model: give a JSON file with the `model` part of a spec, or a preset (--run needs none)',
    'usage',
  );
}

/**
 * Build a network and set its weights. The caller disposes it. `cache` returns the folder of downloaded weights; `report` receives
 * what was recognised and ignored.
 * @throws UserError if the model or the weights are invalid
 */
export async function openNetwork(
  source: NetworkSource,
  { cache, report }: { cache: () => Promise<string>; report: (line: string) => void },
): Promise<OpenNetwork> {
  const { weights, seed, sha256 } = source;
  if ((weights === undefined) === (seed === undefined))
    throw new UserError('give either --run or --weights, or --seed for initial values', 'usage');
  const file = weights === undefined ? undefined : await openWeights({ weights, sha256, cache });
  const model = await modelOf(source, file);
  const tensors: ReadonlyMap<string, Extract<TensorData, { dtype: 'F32' }>> = file
    ? fitWeights(model, file, source, report)
    : new Map();
  const start = { seed: seed ?? null };
  const clip = model.family === 'clip' ? buildClip(model, start) : null;
  const network: Network = clip ?? buildModel(model, start);
  assignWeights(network, tensors);
  return { network, clip, checkpoint: file?.checkpoint ?? null };
}
