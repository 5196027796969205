/** How CrossViT's two branches exchange their class tokens: the experiment axis `fusion`. */
import type { CrossvitBranch, CrossvitModel } from '@ablate/contracts';
import type { tf } from '@ablate/engine';
import { type CrossAttention, crossAttention } from './cross-attention.ts';
import { normal, zeros } from './initial.ts';
import { dropPath, layerNorm, linear } from './layers.ts';
import { type Context, chain, gelu, identity, type Layer } from './ops.ts';
import type { Scope } from './scope.ts';
import { splitClass } from './tokens.ts';

/** Tokens of the small and of the large branch, (B, 1 + Nᵢ, Dᵢ). */
type Pair = [tf.Tensor, tf.Tensor];
export type Fuse = (tokens: Pair, context: Context) => Pair;
/** `stage` is part of the maps' names, `path` is the rate at which the exchange is dropped. */
type FusionOptions = { stage: number; path: number };

export const BRANCHES = ['small', 'large'] as const;

type Direction = { index: number; own: CrossvitBranch; other: CrossvitBranch; map: (layer: number) => string };

/** One entry per branch: its class token attends in the other branch's width, with the other's heads. */
const directions = (model: CrossvitModel, stage: number): Direction[] =>
  BRANCHES.map((name, index) => ({
    index,
    own: model[name],
    other: model[name === 'small' ? 'large' : 'small'],
    map: (layer) => `attention.${name}.${stage}.cross${model.crossDepth === 1 ? '' : `.${layer}`}`,
  }));

const layersOf = (depth: number): number[] => Array.from({ length: depth }, (_, layer) => layer);

/** Exchange in both directions at once: each reads the branches as they were before, not the other's result. */
function exchange(send: ((own: tf.Tensor, other: tf.Tensor, context: Context) => tf.Tensor)[]): Fuse {
  const [small, large] = send;
  if (!small || !large) throw new Error('an exchange needs two branches');
  return ([a, b], context) => [small(a, b, context), large(b, a, context)];
}

/** LN > GELU > linear, as in the authors' code. */
const projection = (s: Scope, from: number, to: number, epsilon: number): Layer =>
  chain(layerNorm(s.at(0), from, epsilon), gelu, linear(s.at(2), from, to, { weight: normal(0.02), bias: zeros }));

/**
 * The paper's fusion: project the class token, put it before the other branch's patches, attend from it alone (pre-norm over all tokens,
 * residual, no MLP), project it back. Deeper crossings repeat the attention over the same patches.
 */
function paper(s: Scope, model: CrossvitModel, { stage, path }: FusionOptions): Fuse {
  const { crossDepth, layerNormEpsilon: epsilon, dropout: rates } = model;
  return exchange(
    directions(model, stage).map(({ index, own, other, map }) => {
      const project = projection(s.at('projs', index), own.width, other.width, epsilon);
      const layers = layersOf(crossDepth).map((layer) => {
        const at = crossDepth === 1 ? s.at('fusion', index) : s.at('fusion', index, layer);
        return {
          norm: layerNorm(at.at('norm1'), other.width, epsilon),
          attend: crossAttention(at.at('attn'), { ...other, bias: true, map: map(layer), rates }),
          drop: dropPath(at.at('drop_path'), path),
        };
      });
      const revert = projection(s.at('revert_projs', index), other.width, own.width, epsilon);

      return (ownTokens, otherTokens, context) => {
        const [cls, patches] = splitClass(ownTokens);
        const [, theirs] = splitClass(otherTokens);
        let token = project(cls, context);
        for (const { norm, attend, drop } of layers) {
          const all = norm(token.concat(theirs, 1), context);
          token = token.add(drop(attend(splitClass(all)[0], all, context), context));
        }
        return revert(token, context).concat(patches, 1);
      };
    }),
  );
}

type TokenLayer = { into: Layer; norm: Layer; attend: CrossAttention; out: Layer; drop: Layer };

/**
 * Stacked cross-attention on class tokens (lucidrains/vit-pytorch): a bare linear layer into the other width and back if widths
 * differ, the norm on the class token only, keys from it and the other branch's fixed patches, residual in the own width.
 */
function tokens(s: Scope, model: CrossvitModel, { stage, path }: FusionOptions): Fuse {
  const { crossDepth, layerNormEpsilon: epsilon, dropout: rates } = model;
  const bare = (at: Scope, from: number, to: number): Layer =>
    from === to ? identity : linear(at, from, to, { weight: normal(0.02), bias: zeros });
  return exchange(
    directions(model, stage).map(({ index, own, other, map }) => {
      const layers = layersOf(crossDepth).map((layer): TokenLayer => {
        const at = s.at('cross', layer, index);
        return {
          into: bare(at.at('project_in'), own.width, other.width),
          norm: layerNorm(at.at('norm'), other.width, epsilon),
          attend: crossAttention(at.at('attn'), { ...other, bias: false, map: map(layer), rates }),
          out: bare(at.at('project_out'), other.width, own.width),
          drop: dropPath(at.at('drop_path'), path),
        };
      });
      return (ownTokens, otherTokens, context) => {
        const [cls, patches] = splitClass(ownTokens);
        const [, fixed] = splitClass(otherTokens);
        let token = cls;
        for (const { into, norm, attend, out, drop } of layers) {
          const query = norm(into(token, context), context);
          token = token.add(drop(out(attend(query, query.concat(fixed, 1), context), context), context));
        }
        return token.concat(patches, 1);
      };
    }),
  );
}

export const fusions: Record<
  CrossvitModel['fusion'],
  (s: Scope, model: CrossvitModel, options: FusionOptions) => Fuse
> = {
  paper,
  tokens,
};
