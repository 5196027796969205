/** CrossViT: Chen et al. 2021 (arXiv:2103.14899), with timm's names, initial values and order of operations. */
import type { CrossvitBranch, CrossvitModel } from '@ablate/contracts';
import type { tf } from '@ablate/engine';
import { resizeImages } from './bicubic.ts';
import { block } from './block.ts';
import { BRANCHES, type Fuse, fusions } from './fusion.ts';
import { normal, zeros } from './initial.ts';
import { dropout, layerNorm, linear, risingRates } from './layers.ts';
import { type Context, chain, identity, type Layer } from './ops.ts';
import { convolutionStem, patchEmbedding } from './patch-embedding.ts';
import type { Scope } from './scope.ts';
import { tokenAt, withPositions } from './tokens.ts';

/** Images, resized to the branch's size, to its tokens: (B, S, S, 3) -> (B, 1 + N, D). */
function embedding(s: Scope, model: CrossvitModel, branch: CrossvitBranch, index: number): Layer {
  const { patchSize, width } = branch;
  const side = branch.imageSize ?? model.imageSize;
  const count = (side / patchSize) ** 2 + 1;
  const cls = s.parameter(`cls_token_${index}`, [1, 1, width], normal(0.02));
  const table = s.parameter(`pos_embed_${index}`, [1, count, width], normal(0.02));
  const resize = resizeImages(model.imageSize, side);
  const embed = (model.stem === 'convolution' ? convolutionStem : patchEmbedding)(
    s.at('patch_embed', index, 'proj'),
    patchSize,
    width,
  );
  const drop = dropout(s.at('pos_drop', index), model.dropout.position);
  return (images, context) => drop(withPositions(embed(resize(images, context), context), cls, table()), context);
}

/** The plain blocks of a branch in one stage. In `tokens` fusion a norm follows them. */
function encoder(s: Scope, model: CrossvitModel, stage: number, index: number, paths: number[]): Layer {
  const name = BRANCHES[index] ?? 'small';
  const { width, heads, depth } = model[name];
  const ofPaper = model.fusion === 'paper';
  const layers = Array.from({ length: depth }, (_, layer) =>
    block(s.at('blocks', index, layer), {
      kind: 'softmax',
      width,
      heads,
      qkvBias: ofPaper,
      layer,
      map: `attention.${name}.${stage}.${layer}`,
      ordering: 'preNorm',
      hidden: width * model.mlpRatio,
      epsilon: model.layerNormEpsilon,
      layerScale: null,
      rates: { ...model.dropout, path: paths[layer] ?? 0 },
    }),
  );
  return chain(...layers, ofPaper ? identity : layerNorm(s.at('norm', index), width, model.layerNormEpsilon));
}

/** Blocks of both branches, then the exchange of their class tokens. */
function multiScaleStage(s: Scope, model: CrossvitModel, stage: number, paths: number[]): Fuse {
  const small = encoder(s, model, stage, 0, paths);
  const large = encoder(s, model, stage, 1, paths);
  const fuse = fusions[model.fusion](s, model, { stage, path: paths.at(-1) ?? 0 });
  return ([a, b], context) => fuse([small(a, context), large(b, context)], context);
}

const combinations: Record<CrossvitModel['combine'], (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
  mean: (a, b) => a.add(b).mul(0.5),
  sum: (a, b) => a.add(b),
};

/**
 * Images (B, S, S, 3) to logits (B, classes). Shows `attention.<branch>.<stage>.<layer>`, `attention.<branch>.<stage>.cross`
 * (the branch's class token over itself and the other's patches, (B, heads, 1, 1 + N)), and `features`, both class tokens side by side.
 */
export function crossvit(s: Scope, model: CrossvitModel): (images: tf.Tensor, context: Context) => tf.Tensor {
  const { stages, layerNormEpsilon: epsilon, classes, dropout: rates } = model;
  const [embedSmall, embedLarge] = [embedding(s, model, model.small, 0), embedding(s, model, model.large, 1)];
  const perStage = Math.max(model.small.depth, model.large.depth);
  const paths = risingRates(rates.path, stages * perStage);
  const body = Array.from({ length: stages }, (_, stage) =>
    multiScaleStage(s.at('blocks', stage), model, stage, paths.slice(stage * perStage, (stage + 1) * perStage)),
  );
  const norm = (index: number, { width }: CrossvitBranch) => layerNorm(s.at('norm', index), width, epsilon);
  const head = (index: number, { width }: CrossvitBranch) =>
    linear(s.at('head', index), width, classes, { weight: normal(0.02), bias: zeros });
  const norms = [norm(0, model.small), norm(1, model.large)] as const;
  const heads = [head(0, model.small), head(1, model.large)] as const;

  return (images, context) => {
    let [small, large] = [embedSmall(images, context), embedLarge(images, context)];
    for (const [index, stage] of body.entries()) {
      if (index === stages - 1)
        [small, large] = [context.replace?.('small', small) ?? small, context.replace?.('large', large) ?? large];
      [small, large] = stage([small, large], context);
    }
    const [a, b] = [norms[0](tokenAt(small, 0), context), norms[1](tokenAt(large, 0), context)];
    context.look?.('features', a.concat(b, 1));
    return combinations[model.combine](heads[0](a, context), heads[1](b, context));
  };
}
