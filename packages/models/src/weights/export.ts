/** Weights written under the names of another implementation. */
import { type Family, type Model, UserError } from '@ablate/contracts';
import type { networkWeights } from './assign.ts';
import { writeTensorsFile } from './tensors-file.ts';
import { WeightsError, writeWeights } from './transfer.ts';

/** The naming that each family follows by default. */
export const DEFAULT_NAMES: Record<Family, string> = {
  vit: 'timm',
  resnet: 'torchvision',
  crossvit: 'timm',
  clip: 'openai',
};

/** Why the reference cannot compute what this model computes, although its names fit; null if it can. */
function mismatch(model: Model): string | null {
  if (model.family === 'vit' && ['postNorm', 'mlpFirst', 'parallel'].includes(model.ordering))
    return `the references have no blocks of ordering ${model.ordering}: the names match their pre-norm blocks, the network does not`;
  if (model.family === 'vit' && model.positional === 'learned2d')
    return 'the references have no learned2d positions: load the other tensors with strict=False';
  if (model.family === 'resnet' && (model.ordering !== 'v1' || model.shortcut === 'pad'))
    return 'the references have no blocks of this ordering and shortcut: the names match torchvision’s, the network does not';
  if (model.family === 'crossvit' && (model.fusion !== 'paper' || model.crossDepth > 1))
    return 'the references have only the paper’s fusion in one layer: these names are Ablate’s';
  return null;
}

/**
 * Write weights under the names of another implementation; returns the number of tensors, and a note if the reference's network
 * differs from this one.
 * @throws UserError if the naming does not support the model
 */
export async function exportWeights(
  model: Model,
  weights: ReturnType<typeof networkWeights>,
  { names, output }: { names: string; output: string },
): Promise<{ tensors: number; note: string | null }> {
  try {
    const file = writeWeights(model, weights, { names });
    await writeTensorsFile(output, file, { format: 'pt' });
    return { tensors: file.size, note: names === 'checkpoint' ? null : mismatch(model) };
  } catch (error) {
    if (error instanceof WeightsError) throw new UserError(error.message, 'usage');
    throw error;
  }
}
