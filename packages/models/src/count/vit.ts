/** The layers of a ViT, in the order of its forward pass, by timm's names. */
import type { Pool, Positional, VitModel, VitOrdering } from '@ablate/contracts';
import {
  activation,
  convolution,
  type Layer,
  layerNorm,
  linear,
  matrixProduct,
  pool,
  rmsNorm,
  vector,
} from './layer.ts';

type AttentionShape = {
  tokens: number;
  width: number;
  heads: number;
  bias: boolean;
  differential: boolean;
  dropout?: boolean;
};

/** Scores, softmax and weighted values. Dropout keeps a second copy of the map. */
function attentionProducts(
  name: string,
  { tokens, width, heads, differential, dropout = false }: AttentionShape,
): Layer[] {
  const map = heads * tokens * tokens;
  const maps = (differential ? 2 : 1) * map * (dropout ? 2 : 1);
  return [
    matrixProduct(`${name}.scores`, tokens * tokens * width, 3 * tokens * width),
    activation(`${name}.softmax`, maps),
    matrixProduct(`${name}.values`, tokens * tokens * width, differential ? map : 0),
  ];
}

/** The norm and the four vectors of λ of differential attention. Ye et al. 2024 (arXiv:2410.05258). */
function differentialVectors(name: string, { tokens, width, heads, differential }: AttentionShape): Layer[] {
  if (!differential) return [];
  const half = width / heads / 2;
  return [
    ...['lambda_q1', 'lambda_k1', 'lambda_q2', 'lambda_k2'].map((key) => vector(`${name}.${key}`, [half])),
    rmsNorm(`${name}.sub_norm`, { groups: tokens * heads, width: 2 * half }),
  ];
}

function attentionLayers(name: string, shape: AttentionShape): Layer[] {
  const { tokens, width, bias } = shape;
  return [
    linear(`${name}.qkv`, { tokens, from: width, to: 3 * width, bias }),
    ...attentionProducts(name, shape),
    ...differentialVectors(name, shape),
    linear(`${name}.proj`, { tokens, from: width, to: width }),
  ];
}

type MlpShape = { tokens: number; width: number; hidden: number };

const mlpLayers = (name: string, { tokens, width, hidden }: MlpShape): Layer[] => [
  linear(`${name}.fc1`, { tokens, from: width, to: hidden }),
  activation(`${name}.act`, tokens * hidden),
  linear(`${name}.fc2`, { tokens, from: hidden, to: width }),
];

export type VitBlockShape = AttentionShape & { hidden: number; layerScale: boolean };

/** Two norms, attention, MLP and the layer scales: the same parameters in every ordering but the fused one. */
function plainBlock(name: string, shape: VitBlockShape): Layer[] {
  const { tokens, width, layerScale } = shape;
  const scale = (key: string): Layer[] => (layerScale ? [vector(`${name}.${key}.gamma`, [width], tokens * width)] : []);
  const attention = attentionLayers(`${name}.attn`, shape);
  const mlp = mlpLayers(`${name}.mlp`, shape);
  return [
    layerNorm(`${name}.norm1`, shape),
    ...attention,
    ...scale('ls1'),
    layerNorm(`${name}.norm2`, shape),
    ...mlp,
    ...scale('ls2'),
  ];
}

/** ViT-22B: one norm, one projection into MLP and q, k, v. Dehghani et al. 2023 (arXiv:2302.05442), timm's ParallelScalingBlock. */
function fusedBlock(name: string, shape: VitBlockShape): Layer[] {
  const { tokens, width, hidden, bias, differential, layerScale } = shape;
  return [
    layerNorm(`${name}.in_norm`, shape),
    linear(`${name}.in_proj`, { tokens, from: width, to: hidden + 3 * width, bias }),
    ...(bias ? [] : [vector(`${name}.mlp_bias`, [hidden])]),
    ...attentionProducts(name, shape),
    ...differentialVectors(name, shape),
    activation(`${name}.act`, tokens * hidden),
    ...(differential
      ? [linear(`${name}.out_proj`, { tokens, from: width + hidden, to: width })]
      : [
          linear(`${name}.attn_out_proj`, { tokens, from: width, to: width }),
          linear(`${name}.mlp_out_proj`, { tokens, from: hidden, to: width }),
        ]),
    ...(layerScale ? [vector(`${name}.ls.gamma`, [width], tokens * width)] : []),
  ];
}

/** Parameters of every ordering; running branches in sequence or in parallel does not change them. */
const blocks: Record<VitOrdering, (name: string, shape: VitBlockShape) => Layer[]> = {
  preNorm: plainBlock,
  postNorm: plainBlock,
  resPostNorm: plainBlock,
  mlpFirst: plainBlock,
  parallel: plainBlock,
  parallelFused: fusedBlock,
};

export const vitBlock = (ordering: VitOrdering, name: string, shape: VitBlockShape): Layer[] =>
  blocks[ordering](name, shape);

const tableShape = ({ width, pool: kind }: VitModel, side: number): number[] => [
  1,
  side * side + (kind === 'cls' ? 1 : 0),
  width,
];

function fixedTable(model: VitModel, side: number): Layer[] {
  return [{ ...vector('pos_embed', []), parameters: {}, buffers: { pos_embed: tableShape(model, side) } }];
}

const positions: Record<Positional, (model: VitModel, side: number) => Layer[]> = {
  none: () => [],
  learned1d: (model, side) => [vector('pos_embed', tableShape(model, side))],
  learned2d: ({ width, pool: kind }, side) => [
    vector('pos_embed_row', [side, width / 2]),
    vector('pos_embed_column', [side, width / 2]),
    ...(kind === 'cls' ? [vector('pos_embed_cls', [width])] : []),
  ],
  sinusoidal1d: fixedTable,
  sinusoidal2d: fixedTable,
};

/** The last norm and the pool. The norm of the class token is counted over all tokens, as timm computes it. */
const pools: Record<Pool, (shape: { tokens: number; width: number }) => Layer[]> = {
  cls: (shape) => [layerNorm('norm', shape)],
  mean: ({ width }) => [pool('pool'), layerNorm('fc_norm', { tokens: 1, width })],
  normThenMean: (shape) => [layerNorm('norm', shape), pool('pool')],
};

/** Layers of a ViT for one image. Dosovitskiy et al. 2021 (arXiv:2010.11929). */
export function vitLayers(model: VitModel): Layer[] {
  const { imageSize, patchSize, width, depth, heads, mlpRatio, ordering, dropout } = model;
  const side = imageSize / patchSize;
  const cls = model.pool === 'cls';
  const tokens = side * side + (cls ? 1 : 0);
  const shape: VitBlockShape = {
    tokens,
    width,
    heads,
    bias: model.qkvBias,
    differential: model.attention === 'differential',
    dropout: dropout.attention > 0,
    hidden: width * mlpRatio,
    layerScale: model.layerScale !== null && ordering !== 'resPostNorm',
  };
  return [
    convolution('patch_embed.proj', {
      side,
      kernel: patchSize,
      from: 3,
      to: width,
      bias: true,
      kept: 3 * imageSize ** 2,
    }),
    ...(cls ? [vector('cls_token', [1, 1, width])] : []),
    ...positions[model.positional](model, side),
    ...Array.from({ length: depth }, (_, index) => vitBlock(ordering, `blocks.${index}`, shape)).flat(),
    ...pools[model.pool]({ tokens, width }),
    linear('head', { tokens: 1, from: width, to: model.classes }),
  ];
}
