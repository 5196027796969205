/** Vision transformer: Dosovitskiy et al. 2021 (arXiv:2010.11929), with timm's names, initial values and order of operations. */
import type { Pool, VitModel } from '@ablate/contracts';
import type { tf } from '@ablate/engine';
import { block } from './block.ts';
import { normal, zeros } from './initial.ts';
import { dropout, layerNorm, linear, risingRates } from './layers.ts';
import type { Context, Layer } from './ops.ts';
import { patchEmbedding } from './patch-embedding.ts';
import { positions } from './positional.ts';
import type { Scope } from './scope.ts';
import { tokenAt, withPositions } from './tokens.ts';

/**
 * Tokens (B, T, D) to features (B, D). `norm` is timm's name of the last layer norm: `global_pool='avg'` has its norm after the mean,
 * or, with `fc_norm=False`, before it, as SimpleViT has (Beyer et al. 2022, arXiv:2205.01580).
 */
const pools: Record<Pool, { norm: string; features: (tokens: tf.Tensor, norm: Layer, context: Context) => tf.Tensor }> =
  {
    cls: { norm: 'norm', features: (tokens, norm, context) => norm(tokenAt(tokens, 0), context) },
    mean: { norm: 'fc_norm', features: (tokens, norm, context) => norm(tokens.mean(1), context) },
    normThenMean: { norm: 'norm', features: (tokens, norm, context) => norm(tokens, context).mean(1) },
  };

/** Images (B, S, S, 3) to logits (B, classes). Shows `attention.<layer>` and `features`. */
export function vit(s: Scope, model: VitModel): (images: tf.Tensor, context: Context) => tf.Tensor {
  const { width, depth, heads, layerNormEpsilon: epsilon, dropout: rates } = model;
  const side = model.imageSize / model.patchSize;
  const ofClass = model.pool === 'cls';

  const cls = ofClass ? s.parameter('cls_token', [1, 1, width], normal(1e-6)) : null;
  const table = positions(s, model.positional, { rows: side, columns: side, width, cls: ofClass });
  const embed = patchEmbedding(s.at('patch_embed', 'proj'), model.patchSize, width);
  const dropPositions = dropout(s.at('pos_drop'), rates.position);
  const paths = risingRates(rates.path, depth);
  const blocks: Layer[] = paths.map((path, layer) =>
    block(s.at('blocks', layer), {
      kind: model.attention,
      width,
      heads,
      qkvBias: model.qkvBias,
      layer,
      map: `attention.${layer}`,
      ordering: model.ordering,
      hidden: width * model.mlpRatio,
      epsilon,
      layerScale: model.layerScale,
      rates: { ...rates, path },
    }),
  );
  const pool = pools[model.pool];
  const norm = layerNorm(s.at(pool.norm), width, epsilon);
  const head = linear(s.at('head'), width, model.classes, { weight: normal(0.02), bias: zeros });

  return (images, context) => {
    let x = withPositions(embed(images, context), cls, table(context.ops));
    x = dropPositions(x, context);
    for (const [index, layer] of blocks.entries()) {
      if (index === depth - 1) x = context.replace?.('tokens', x) ?? x;
      x = layer(x, context);
    }
    const features = pool.features(x, norm, context);
    context.look?.('features', features);
    return head(features, context);
  };
}
