/** `ablate positions`: how alike the embeddings of two places are, a small map for each place. ViT's figure 7. */
import { writeFile } from 'node:fs/promises';
import { tf } from '@ablate/engine';
import { encodePng, type Float, type Network, networkWeights, paint, rangeOf, similarity, tile } from '@ablate/models';
import { z } from 'zod';
import type { Context } from '../command.ts';
import { EXIT, Failure } from '../failure.ts';
import { gridsOf } from './attention.ts';
import { openNetwork } from './open-network.ts';
import { parseOptions, WeightsOptions } from './options.ts';

const Options = WeightsOptions.extend({
  output: z.string().min(1),
  measure: z.enum(['cosine', 'dot']).default('cosine'),
});

/** The vectors of the patches' places, (P, D), without the class token's. */
function placeVectors({ config, ...network }: Network): Float {
  if (config.family !== 'vit') throw new Failure(`positions are a ViT’s; this is a ${config.family}`, EXIT.usage);
  const weights = networkWeights({ config, ...network });
  const { width } = config;
  const side = config.imageSize / config.patchSize;
  const table = weights.get('pos_embed');
  if (table) {
    const skipped = config.pool === 'cls' ? width : 0;
    return { dtype: 'F32', shape: [side * side, width], data: table.data.slice(skipped) };
  }
  const [rows, columns] = [weights.get('pos_embed_row'), weights.get('pos_embed_column')];
  if (!rows || !columns) throw new Failure('this model has no positional embedding', EXIT.usage);
  const data = tf.tidy(() => {
    const spread = tf.zeros([side, side, width / 2]);
    const row = tf.tensor(rows.data, [side, 1, width / 2]);
    const column = tf.tensor(columns.data, [1, side, width / 2]);
    return Float32Array.from(tf.concat([spread.add(row), spread.add(column)], 2).dataSync());
  });
  return { dtype: 'F32', shape: [side * side, width], data };
}

export async function runPositions(raw: unknown, context: Context): Promise<void> {
  const options = parseOptions(Options, raw);
  const { network } = await openNetwork(options, context);
  try {
    const values = similarity(placeVectors(network), options.measure);
    const [places = 0] = values.shape;
    const grids = gridsOf({ ...values, shape: [1, places, places] }, 0);
    // One range for all, so that maps can be compared.
    const palette = values.data.some((value) => value < 0) ? 'diverging' : 'sequential';
    const range = rangeOf(values.data, palette);
    const side = Math.sqrt(places);
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
