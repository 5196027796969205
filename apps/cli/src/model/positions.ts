/** `ablate positions`: similarity of positional embeddings, a small map for each patch. ViT's figure 7. */
import { writeFile } from 'node:fs/promises';
import { encodePng, gridsOf, paint, positionVectors, rangeOf, similarity, tile } from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { parseOptions, WeightsOptions } from './options.ts';
import { openNetworkOf } from './sources.ts';

const Options = WeightsOptions.extend({
  output: z.string().min(1),
  measure: z.enum(['cosine', 'dot']).default('cosine'),
});

export async function runPositions(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { network } = await openNetworkOf(options, context);
  try {
    const values = similarity(positionVectors(network), options.measure);
    const [patches = 0] = values.shape;
    const grids = gridsOf({ ...values, shape: [1, patches, patches] }, 0);
    // One range for all maps, so that they can be compared.
    const palette = values.data.some((value) => value < 0) ? 'diverging' : 'sequential';
    const range = rangeOf(values.data, palette);
    const side = Math.sqrt(patches);
    const scale = Math.max(1, Math.floor(64 / side));
    const painted = grids.map((grid) => paint(grid, { palette, range, scale }));
    await writeFile(options.output, encodePng(tile(painted, { columns: side })));
    context.print(
      `${options.output}: ${options.measure}, colours from ${range[0].toFixed(3)} to ${range[1].toFixed(3)}`,
    );
  } finally {
    network.dispose();
  }
}
