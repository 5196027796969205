/** `ablate init`: initial weights as a file. */
import { buildModel, DEFAULT_NAMES, exportWeights, modelOf, networkWeights } from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { parseOptions, WeightsOptions } from './options.ts';

const Options = WeightsOptions.pick({ model: true, seed: true, names: true }).extend({ output: z.string().min(1) });

export async function runInit(raw: unknown, context: Context): Promise<void> {
  const { seed = 1, names: given, output, ...options } = parseOptions(Options, raw);
  const model = await modelOf(options);
  const names = given ?? DEFAULT_NAMES[model.family];
  const network = buildModel(model, { seed });
  try {
    const { tensors, note } = await exportWeights(model, networkWeights(network), { names, output });
    if (note !== null) context.log(`note: ${note}`);
    context.print(`${output}: ${tensors} tensors, naming ${names}, seed ${seed}`);
  } finally {
    network.dispose();
  }
}
