/** `ablate positions`: similarity of positional embeddings, a small map for each patch. ViT's figure 7. */
import { writeFile } from 'node:fs/promises';
import {
  encodePng,
  gridsOf,
  type OpenNetwork,
  type Picture,
  paint,
  positionVectors,
  rangeOf,
  similarity,
  tile,
} from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { parseOptions, WeightsOptions } from './options.ts';
import { openNetworkOf } from './sources.ts';

const Options = WeightsOptions.extend({
  output: z.string().min(1),
  measure: z.enum(['cosine', 'dot']).default('cosine'),
});

type Measure = z.infer<typeof Options>['measure'];

/** The similarity of each patch's position to every other, a small map for each; and the values of the first and last colour. */
export function positionsPicture(
  network: OpenNetwork['network'],
  measure: Measure,
): { picture: Picture; range: [number, number] } {
  const values = similarity(positionVectors(network), measure);
  const [patches = 0] = values.shape;
  const grids = gridsOf({ ...values, shape: [1, patches, patches] }, 0);
  // One range for all maps, so that they can be compared.
  const palette = values.data.some((value) => value < 0) ? 'diverging' : 'sequential';
  const range = rangeOf(values.data, palette);
  const side = Math.sqrt(patches);
  const scale = Math.max(1, Math.floor(64 / side));
  const painted = grids.map((grid) => paint(grid, { palette, range, scale }));
  return { picture: tile(painted, { columns: side }), range };
}

export async function runPositions(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { network } = await openNetworkOf(options, context);
  try {
    const { picture, range } = positionsPicture(network, options.measure);
    await writeFile(options.output, encodePng(picture));
    context.print(
      `${options.output}: ${options.measure}, colours from ${range[0].toFixed(3)} to ${range[1].toFixed(3)}`,
    );
  } finally {
    network.dispose();
  }
}
