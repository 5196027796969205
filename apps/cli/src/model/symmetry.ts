/** `ablate symmetry`: what shifts and permutations of patches change. */
import { type Model, resolveModel } from '@ablate/contracts';
import { buildModel, layerSymmetries, networkSymmetries, type SymmetryRow, TOLERANCE } from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { Failure } from '../failure.ts';
import { formatTable } from '../table.ts';
import { openNetwork } from './open-network.ts';
import { parseOptions, WeightsOptions } from './options.ts';

const Options = WeightsOptions.extend({ json: z.boolean().default(false) });

const vit = { family: 'vit', imageSize: 24, classes: 10, patchSize: 8, width: 48, depth: 2, heads: 3 };

/** Small networks that show the difference; `--model` measures another. */
const NETWORKS: [string, Record<string, unknown>][] = [
  ['ViT, cls, no positions', { ...vit, positional: 'none' }],
  ['ViT, mean pool, no positions', { ...vit, positional: 'none', pool: 'mean' }],
  ['differential ViT, no positions', { ...vit, positional: 'none', attention: 'differential' }],
  ['ViT, cls, learned positions', vit],
  ['ViT, cls, sinusoidal positions', { ...vit, positional: 'sinusoidal2d' }],
  ['ResNet-20', { preset: 'resnet20' }],
];

function resolved(raw: Record<string, unknown>): Model {
  const found = resolveModel(raw);
  if ('model' in found) return found.model;
  throw new Failure(found.complaints.map(({ message }) => message).join('; '));
}

function ofNetworks(seed: number): SymmetryRow[] {
  return NETWORKS.flatMap(([name, raw]) => {
    const network = buildModel(resolved(raw), { seed });
    try {
      return networkSymmetries(network, { seed, name });
    } finally {
      network.dispose();
    }
  });
}

export async function runSymmetry(raw: unknown, context: Context): Promise<void> {
  const { json, ...options } = parseOptions(Options, raw);
  const seed = options.seed ?? 1;
  const rows: SymmetryRow[] = [];
  if (options.model === undefined && options.weights === undefined)
    rows.push(...layerSymmetries({ seed }), ...ofNetworks(seed));
  else {
    const { network } = await openNetwork(
      { ...options, seed: options.weights === undefined ? seed : undefined },
      context,
    );
    try {
      rows.push(...networkSymmetries(network, { seed, name: options.model ?? options.weights ?? '' }));
    } finally {
      network.dispose();
    }
  }
  if (json) return context.print(JSON.stringify(rows, null, 2));
  const cells = rows.map(({ subject, action, claim, error, holds }) => [
    subject,
    action,
    holds ? claim : `not ${claim}`,
    error.toExponential(1),
  ]);
  context.print(formatTable(['subject', 'input', 'output is', 'error'], cells));
  context.print(
    `\nError: the largest difference, relative to the largest absolute value; below ${TOLERANCE} it is rounding.`,
  );
}
