/** `ablate convert`: weights renamed to the names of another implementation. No network is built. */
import { UserError } from '@ablate/contracts';
import { exportWeights, fitWeights, modelOf } from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { parseOptions, WeightsOptions } from './options.ts';
import { openWeightsOf } from './sources.ts';

const Options = WeightsOptions.omit({ seed: true }).extend({
  to: z.string().min(1),
  output: z.string().min(1),
});

export async function runConvert(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { to: names, output, weights } = options;
  if (weights === undefined) throw new UserError('give --run or --weights', 'usage');
  const file = await openWeightsOf({ ...options, weights }, context);
  const model = await modelOf(options, file);
  const tensors = fitWeights(model, file, options, context.log);
  const { tensors: written, note } = await exportWeights(model, tensors, { names, output });
  if (note !== null) context.log(`note: ${note}`);
  context.print(`${output}: ${written} tensors, naming ${names}`);
}
