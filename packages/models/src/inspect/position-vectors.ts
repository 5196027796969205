/** Positional embeddings of patches. */
import { type Model, UserError } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import type { Network } from '../build.ts';
import { networkWeights } from '../weights/assign.ts';
import { type Float, float } from './tensor.ts';

type Weights = ReturnType<typeof networkWeights>;

/** Row r, column c of learned2d: the row's vector, then the column's. */
function fromAxes(rows: Float, columns: Float, { side, width }: { side: number; width: number }): Float {
  const data = tf.tidy(() => {
    const spread = tf.zeros([side, side, width / 2]);
    const row = tf.tensor(rows.data, [side, 1, width / 2]);
    const column = tf.tensor(columns.data, [1, side, width / 2]);
    return Float32Array.from(tf.concat([spread.add(row), spread.add(column)], 2).dataSync());
  });
  return float([side * side, width], data);
}

/** The table of a branch, or of a ViT's; null if the model has none. */
function tableOf(model: Model, weights: Weights, branch: 'small' | 'large' | null): Float | null {
  if (model.family === 'crossvit' && branch) {
    const { imageSize = model.imageSize, patchSize, width } = model[branch];
    const table = weights.get(`pos_embed_${branch === 'small' ? 0 : 1}`);
    return table ? float([(imageSize / patchSize) ** 2, width], table.data.slice(width)) : null;
  }
  if (model.family !== 'vit') return null;
  const { width } = model;
  const side = model.imageSize / model.patchSize;
  const table = weights.get('pos_embed');
  if (table) return float([side * side, width], table.data.slice(model.pool === 'cls' ? width : 0));
  const [rows, columns] = [weights.get('pos_embed_row'), weights.get('pos_embed_column')];
  return rows && columns ? fromAxes(rows, columns, { side, width }) : null;
}

/** The positional embedding of each patch, (P, D), without the class token's: of a ViT under '', of CrossViT by branch. Empty if there is none. */
export function positionTables(network: Network): Map<string, Float> {
  const { config } = network;
  const weights = networkWeights(network);
  const branches = config.family === 'crossvit' ? (['small', 'large'] as const) : [null];
  return new Map(
    branches.flatMap((branch): [string, Float][] => {
      const table = tableOf(config, weights, branch);
      return table ? [[branch ?? '', table]] : [];
    }),
  );
}

/** The positional embedding of each patch of a ViT, (P, D), without the class token's. @throws UserError if the model has none */
export function positionVectors(network: Network): Float {
  const { family } = network.config;
  if (family !== 'vit')
    throw new UserError(`only a ViT has positional embeddings of patches; this model is a ${family}`, 'usage');
  const [table] = positionTables(network).values();
  if (!table) throw new UserError('this model has no positional embedding', 'usage');
  return table;
}
