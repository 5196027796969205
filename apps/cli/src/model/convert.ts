/** `ablate convert`: weights renamed to the names of another implementation. No network is built. */
import { exportWeights, fitWeights, modelOf } from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { parseOptions, WeightsOptions } from './options.ts';
import { openWeightsOf } from './sources.ts';

const Options = WeightsOptions.omit({ seed: true }).extend({
  weights: z.string().min(1),
  to: z.string().min(1),
  output: z.string().min(1),
});

export async function runConvert(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { to: names, output } = options;
  const file = await openWeightsOf(options, context);
  const model = await modelOf(options, file);
  const weights = fitWeights(model, file, options, context.log);
  const { tensors, note } = await exportWeights(model, weights, { names, output });
  if (note !== null) context.log(`note: ${note}`);
  context.print(`${output}: ${tensors} tensors, naming ${names}`);
}
