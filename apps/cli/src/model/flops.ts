/** `ablate flops`: the cost of one image. Loads no TensorFlow. */
import type { Model } from '@ablate/contracts';
import {
  backboneCost,
  type Cost,
  clipTextLayers,
  clipVisualLayers,
  layerCost,
  modelCost,
  modelLayers,
  totalCost,
} from '@ablate/models/count';
import { readModel } from '@ablate/models/model-file';
import { z } from 'zod';
import { asJson, type Context } from '../command.ts';
import { formatTable } from '../table.ts';
import { parseOptions } from './options.ts';

const Options = z.object({
  model: z.string().min(1),
  layers: z.boolean().default(false),
  json: z.boolean().default(false),
});

const COLUMNS = ['', 'parameters', 'MMAC', 'fvcore M', 'activations MB'] as const;
const cells = (name: string, cost: Cost): (string | number)[] => [
  name,
  cost.parameters,
  (cost.macs / 1e6).toFixed(2),
  (cost.fvcore / 1e6).toFixed(2),
  (cost.activationBytes / 1e6).toFixed(2),
];

/** The total, and the parts whose figures are usually published. */
function parts(model: Model): [string, Cost][] {
  if (model.family !== 'clip')
    return [
      ['total', modelCost(model)],
      ['without head', backboneCost(model)],
    ];
  return [
    ['total', modelCost(model)],
    ['image side', totalCost(clipVisualLayers(model))],
    ['text side', totalCost(clipTextLayers(model))],
  ];
}

export async function runFlops(raw: unknown, context: Context): Promise<void> {
  const { model: source, layers, json } = parseOptions(Options, raw);
  const model = await readModel(source);
  if (json) {
    const rows = modelLayers(model).map((layer) => ({ name: layer.name, kind: layer.kind, ...layerCost(layer) }));
    const named = Object.fromEntries(
      parts(model).map(([name, cost]) => [name.replace(/ (\w)/g, (_, c) => c.toUpperCase()), cost]),
    );
    context.print(asJson({ ...named, ...(layers && { layers: rows }) }));
    return;
  }
  const rows = layers ? modelLayers(model).map((layer) => cells(layer.name, layerCost(layer))) : [];
  context.print(formatTable(COLUMNS, [...rows, ...parts(model).map(([name, cost]) => cells(name, cost))]));
  context.print(
    '\nPer image. A MAC is one multiply-accumulate of a convolution, linear layer or matrix product; fvcore also counts norms and\n' +
      'adaptive pools. Activations are the float32 values that the forward pass keeps for the backward pass. A training step takes\n' +
      'about three times the MACs.',
  );
}
