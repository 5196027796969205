/** `ablate convert`: weights from one naming to another. No network is built. */
import { z } from 'zod';
import type { Context } from '../command.ts';
import { exportWeights } from './init.ts';
import { fitWeights } from './open-network.ts';
import { parseOptions, WeightsOptions } from './options.ts';
import { modelOf, openWeights } from './weights-source.ts';

const Options = WeightsOptions.omit({ seed: true }).extend({
  weights: z.string().min(1),
  to: z.string().min(1),
  output: z.string().min(1),
});

export async function runConvert(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const file = await openWeights(options, context);
  const model = await modelOf(options, file);
  const weights = fitWeights(model, file, options, context);
  const count = await exportWeights(model, weights, { names: options.to, output: options.output }, context);
  context.print(`${options.output}: ${count} tensors, names of ${options.to}`);
}
