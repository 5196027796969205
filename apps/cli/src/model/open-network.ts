/** A network with its weights, as the options ask for it. */

import type { Model } from '@ablate/contracts';
import {
  assignWeights,
  buildClip,
  buildModel,
  type ClipNetwork,
  type Network,
  type ReadWeights,
  readWeights,
  type TensorData,
  WeightsError,
} from '@ablate/models';
import type { Context } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import type { WeightsOptions } from './options.ts';
import { modelOf, openWeights, type WeightsFile } from './weights-source.ts';

/** CLIP has two sides; everything else one. */
export type Opened = { network: Network; clip: ClipNetwork | null };

/** Weights by our names. What was passed over is said on stderr. @throws Failure naming what does not fit. */
export function fitWeights(
  model: Model,
  file: WeightsFile,
  { names, interpolatePositions }: Pick<WeightsOptions, 'names' | 'interpolatePositions'>,
  context: Context,
): ReadWeights['tensors'] {
  const chosen = names ?? (file.checkpoint ? 'checkpoint' : undefined);
  try {
    const { tensors, naming, ignored, kept, fitted } = readWeights(model, file.tensors, {
      names: chosen,
      interpolate: interpolatePositions,
    });
    context.say(`weights: ${tensors.size} tensors, names of ${naming}`);
    if (fitted.length > 0) context.say(`  positions interpolated: ${fitted.join(', ')}`);
    if (ignored.length > 0) context.say(`  ignored: ${summary(ignored)}`);
    if (kept.length > 0) context.say(`  not in the file, zero here: ${kept.join(', ')}`);
    return tensors;
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    const positions = /misshapen: .*pos_embed/.test(error.message) && !interpolatePositions;
    throw new Failure(
      `${error.message}${positions ? '\n(--interpolate-positions fits positions of another image size)' : ''}`,
    );
  }
}

const summary = (names: readonly string[]): string =>
  names.slice(0, 4).join(', ') + (names.length > 4 ? `, and ${names.length - 4} more` : '');

/** Open the network of `--model` with `--weights`, or with initial values of `--seed`. The caller disposes it. */
export async function openNetwork(options: WeightsOptions, context: Context): Promise<Opened> {
  const { weights, seed } = options;
  if ((weights === undefined) === (seed === undefined))
    throw new Failure('give either --weights, or --seed for initial values', EXIT.usage);
  const file = weights === undefined ? undefined : await openWeights({ ...options, weights }, context);
  const model = await modelOf(options, file);
  const tensors: ReadonlyMap<string, Extract<TensorData, { dtype: 'F32' }>> = file
    ? fitWeights(model, file, options, context)
    : new Map();
  const start = { seed: seed ?? null };
  const clip = model.family === 'clip' ? buildClip(model, start) : null;
  const network: Network = clip ?? buildModel(model, start);
  assignWeights(network, tensors);
  return { network, clip };
}
