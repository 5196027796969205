/** `ablate init`: initial weights as a file. */
import type { Family, Model } from '@ablate/contracts';
import { buildModel, networkWeights, WeightsError, writeWeights } from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { parseOptions, WeightsOptions } from './options.ts';
import { writeTensors } from './tensors-file.ts';
import { modelOf } from './weights-source.ts';

/** Whose names a family's weights have by themselves. */
export const OWN_NAMES: Record<Family, string> = {
  vit: 'timm',
  resnet: 'torchvision',
  crossvit: 'timm',
  clip: 'openai',
};

const Options = WeightsOptions.pick({ model: true, seed: true, names: true }).extend({ output: z.string().min(1) });

/** Why a file loads elsewhere and yet computes something else there, or null. */
function strangeness(model: Model): string | null {
  if (model.family === 'vit' && ['postNorm', 'mlpFirst', 'parallel'].includes(model.ordering))
    return `no reference has blocks of ordering ${model.ordering}: the names are those of its pre-norm block, the network is not`;
  if (model.family === 'vit' && model.positional === 'learned2d')
    return 'no reference has learned2d positions: load its other tensors with strict=False';
  if (model.family === 'resnet' && (model.ordering !== 'v1' || model.shortcut === 'pad'))
    return 'no reference has blocks of this ordering and shortcut: the names are torchvision’s, the network is not';
  if (model.family === 'crossvit' && (model.fusion !== 'paper' || model.crossDepth > 1))
    return 'the references have the paper’s fusion in one layer only: these names are Ablate’s';
  return null;
}

/** Write weights by the names of another implementation. @throws Failure where it has no such names. */
export async function exportWeights(
  model: Model,
  weights: ReturnType<typeof networkWeights>,
  { names, output }: { names: string; output: string },
  context: Context,
): Promise<number> {
  const strange = names === 'checkpoint' ? null : strangeness(model);
  if (strange) context.say(`note: ${strange}`);
  try {
    const file = writeWeights(model, weights, { names });
    await writeTensors(output, file, { format: 'pt' });
    return file.size;
  } catch (error) {
    if (error instanceof WeightsError) throw new Failure(error.message, EXIT.usage);
    throw error;
  }
}

export async function runInit(raw: unknown, context: Context): Promise<void> {
  const { seed = 1, names, output, ...options } = parseOptions(Options, raw);
  const model = await modelOf(options);
  const network = buildModel(model, { seed });
  try {
    const chosen = names ?? OWN_NAMES[model.family];
    const count = await exportWeights(model, networkWeights(network), { names: chosen, output }, context);
    context.print(`${output}: ${count} tensors, names of ${chosen}, seed ${seed}`);
  } finally {
    network.dispose();
  }
}
