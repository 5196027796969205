/** `ablate symmetry`: how shifts and permutations of patches change the output. */
import { exampleSymmetries, layerSymmetries, networkSymmetries, type SymmetryRow, TOLERANCE } from '@ablate/models';
import { z } from 'zod';
import { asJson, type Context } from '../command.ts';
import { formatTable } from '../table.ts';
import { parseOptions, WeightsOptions } from './options.ts';
import { openNetworkOf } from './sources.ts';

const Options = WeightsOptions.extend({ json: z.boolean().default(false) });

async function symmetriesOf(options: WeightsOptions, context: Context): Promise<SymmetryRow[]> {
  const { model, weights, seed = 1 } = options;
  if (model === undefined && weights === undefined)
    return [...layerSymmetries({ seed }), ...exampleSymmetries({ seed })];
  const { network } = await openNetworkOf({ ...options, seed: weights === undefined ? seed : undefined }, context);
  try {
    return networkSymmetries(network, { seed, name: model ?? weights ?? '' });
  } finally {
    network.dispose();
  }
}

export async function runSymmetry(raw: unknown, context: Context): Promise<void> {
  const { json, ...options } = parseOptions(Options, raw);
  const rows = await symmetriesOf(options, context);
  if (json) return context.print(asJson(rows));
  const cells = rows.map(({ subject, action, claim, error, holds }) => [
    subject,
    action,
    holds ? claim : `not ${claim}`,
    error.toExponential(1),
  ]);
  context.print(formatTable(['subject', 'input', 'output', 'error'], cells));
  context.print(
    `\nError: the largest difference, relative to the largest absolute value. Errors below ${TOLERANCE} are rounding.`,
  );
}
