/** Positional embeddings of a ViT's patches. */
import { UserError } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import type { Network } from '../build.ts';
import { networkWeights } from '../weights/assign.ts';
import { type Float, float } from './tensor.ts';

/** The positional embedding of each patch, (P, D), without the class token's. @throws UserError if the model has none */
export function positionVectors(network: Network): Float {
  const { config } = network;
  if (config.family !== 'vit')
    throw new UserError(`only a ViT has positional embeddings of patches; this model is a ${config.family}`, 'usage');
  const weights = networkWeights(network);
  const { width } = config;
  const side = config.imageSize / config.patchSize;
  const table = weights.get('pos_embed');
  if (table) return float([side * side, width], table.data.slice(config.pool === 'cls' ? width : 0));
  const [rows, columns] = [weights.get('pos_embed_row'), weights.get('pos_embed_column')];
  if (!rows || !columns) throw new UserError('this model has no positional embedding', 'usage');
  const data = tf.tidy(() => {
    const spread = tf.zeros([side, side, width / 2]);
    const row = tf.tensor(rows.data, [side, 1, width / 2]);
    const column = tf.tensor(columns.data, [1, side, width / 2]);
    return Float32Array.from(tf.concat([spread.add(row), spread.add(column)], 2).dataSync());
  });
  return float([side * side, width], data);
}
