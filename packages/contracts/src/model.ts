/** The `model` part of a spec: one strict schema for each family. Names of variants live here, their maths in `packages/models`. */
import { z } from 'zod';

const size = z.int().min(1).max(4096);
const rate = z.number().min(0).lt(1);

export const VitOrdering = z.enum(['preNorm', 'postNorm', 'resPostNorm', 'mlpFirst', 'parallel', 'parallelFused']);
export type VitOrdering = z.infer<typeof VitOrdering>;
export const AttentionKind = z.enum(['softmax', 'differential']);
export type AttentionKind = z.infer<typeof AttentionKind>;
export const Positional = z.enum(['none', 'learned1d', 'learned2d', 'sinusoidal1d', 'sinusoidal2d']);
export type Positional = z.infer<typeof Positional>;
export const Pool = z.enum(['cls', 'mean', 'normThenMean']);
export type Pool = z.infer<typeof Pool>;
export const ResnetOrdering = z.enum(['v1', 'v2', 'v3', 'bnAfterAdd', 'preActivation']);
export type ResnetOrdering = z.infer<typeof ResnetOrdering>;

const Dropout = z.strictObject({
  position: rate.default(0).describe('Dropout rate after the positional embedding'),
  attention: rate.default(0).describe('Dropout rate of attention probabilities'),
  projection: rate.default(0).describe('Dropout rate after the output projection of attention'),
  mlp: rate.default(0).describe('Dropout rate after each linear layer of the MLP'),
  path: rate.default(0).describe('Drop rate of whole residual branches (stochastic depth)'),
});

const mlpRatio = z.number().min(0.25).max(16).default(4).describe('Hidden size of the MLP relative to the width');
const layerNormEpsilon = z.number().positive().max(0.1).default(1e-6).describe('Added to the variance in layer norm');

const image = {
  imageSize: z.int().min(8).max(1024).describe('Side of the square input in pixels'),
  classes: z.int().min(2).max(100_000).describe('Number of classes of the head'),
};

export const VitModel = z.strictObject({
  family: z.literal('vit').describe('Vision transformer'),
  ...image,
  patchSize: size.default(4).describe('Side of a patch in pixels; divides imageSize'),
  width: size.default(192).describe('Size of a token; divisible by heads'),
  depth: z.int().min(1).max(128).default(6).describe('Number of blocks'),
  heads: z
    .int()
    .min(1)
    .max(128)
    .default(3)
    .describe('Attention heads; with differential attention, each head is split in two'),
  mlpRatio,
  ordering: VitOrdering.default('preNorm').describe(
    'Order of norm, attention and MLP in a block, where a branch f is attention or the MLP. preNorm: x + f(norm(x)); postNorm: norm(x + f(x)); resPostNorm: x + norm(f(x)); mlpFirst: preNorm with the MLP first; parallel: x + attention(norm1(x)) + mlp(norm2(x)); parallelFused: parallel with one norm and joint projections',
  ),
  attention: AttentionKind.default('softmax').describe(
    'differential: the difference of two softmax maps for each head',
  ),
  positional: Positional.default('learned1d').describe('Positional embedding, added to the tokens'),
  pool: Pool.default('cls').describe(
    'What the head reads. cls: the norm of the class token; mean: the norm of the mean of the patch tokens; normThenMean: the mean of the norms of the patch tokens, as in SimpleViT',
  ),
  qkvBias: z.boolean().default(true).describe('Whether the query, key and value projections have a bias'),
  layerNormEpsilon,
  layerScale: z.number().positive().max(1).nullable().default(null).describe('Initial layer scale; null for none'),
  dropout: Dropout.prefault({}).describe('Dropout rates'),
});
export type VitModel = z.infer<typeof VitModel>;

export const ResnetModel = z.strictObject({
  family: z.literal('resnet').describe('Residual network'),
  ...image,
  block: z
    .enum(['basic', 'bottleneck'])
    .default('basic')
    .describe('basic: two 3×3 convolutions; bottleneck: 1×1, 3×3 and 1×1'),
  depths: z.array(z.int().min(1).max(64)).min(1).max(6).default([3, 3, 3]).describe('Number of blocks in each stage'),
  widths: z.array(size).min(1).max(6).default([16, 32, 64]).describe('Channels of each stage'),
  stem: z
    .enum(['cifar', 'imagenet'])
    .default('cifar')
    .describe('cifar: one 3×3 convolution; imagenet: a 7×7 convolution with stride 2, then max pooling'),
  ordering: ResnetOrdering.default('v1').describe(
    'Order of operations in a basic block. v1: conv, bn, relu, conv, bn, add, relu; v2: conv, relu, bn, relu, conv, relu, bn, add, relu; v3: conv, bn, relu, conv, bn, relu, add; bnAfterAdd: conv, bn, relu, conv, add, bn, relu; preActivation: bn, relu, conv, bn, relu, conv, add',
  ),
  shortcut: z
    .enum(['projection', 'pad'])
    .default('projection')
    .describe(
      'Shortcut where shapes change. projection: 1×1 convolution with batch norm; pad: subsampling, padded with zero channels (He et al., option A)',
    ),
});
export type ResnetModel = z.infer<typeof ResnetModel>;

export const CrossvitBranch = z.strictObject({
  imageSize: z
    .int()
    .min(8)
    .max(1024)
    .optional()
    .describe('Size to which this branch resizes the input; default: imageSize of the model'),
  patchSize: size.describe('Side of a patch in pixels; divides the image size of the branch'),
  width: size.describe('Size of a token; divisible by heads'),
  depth: z.int().min(0).max(64).describe('ViT blocks of this branch in each stage'),
  heads: z.int().min(1).max(128).describe('Attention heads'),
});
export type CrossvitBranch = z.infer<typeof CrossvitBranch>;

export const CrossvitModel = z.strictObject({
  family: z.literal('crossvit').describe('CrossViT: two branches with cross-attention'),
  ...image,
  small: CrossvitBranch.describe('The branch of small patches'),
  large: CrossvitBranch.describe('The branch of large patches'),
  stages: z.int().min(1).max(32).default(3).describe('Number of stages; each ends with cross-attention'),
  crossDepth: z.int().min(1).max(32).default(1).describe('Cross-attention layers in each stage'),
  fusion: z
    .enum(['paper', 'tokens'])
    .default('paper')
    .describe(
      'How a class token attends to the patches of the other branch. paper: projected once, pre-norm over all tokens; tokens: projected in each layer, norm on the class token only',
    ),
  combine: z.enum(['mean', 'sum']).default('mean').describe('How the logits of the two branches are combined'),
  stem: z
    .enum(['linear', 'convolution'])
    .default('linear')
    .describe('How patches are embedded. convolution: the three-layer stem of the dagger models'),
  mlpRatio,
  layerNormEpsilon,
  dropout: Dropout.prefault({}).describe('Dropout rates'),
});
export type CrossvitModel = z.infer<typeof CrossvitModel>;

export const ClipModel = z.strictObject({
  family: z.literal('clip').describe('CLIP with a ResNet; for forward passes only, a sweep cannot train it'),
  imageSize: image.imageSize.default(224),
  embedding: size.default(1024).describe('Size of the joint embedding of images and texts'),
  vision: z
    .strictObject({
      depths: z.array(z.int().min(1).max(64)).length(4).default([3, 4, 6, 3]).describe('Blocks in each stage'),
      width: size.default(64).describe('Channels of the first stage'),
      heads: z.int().min(1).max(128).default(32).describe('Heads of the attention pooling'),
    })
    .prefault({})
    .describe('The image encoder: a modified ResNet with attention pooling'),
  text: z
    .strictObject({
      context: z.int().min(2).max(1024).default(77).describe('Tokens of a text'),
      vocabulary: z.int().min(1).max(1_000_000).default(49_408).describe('Number of distinct tokens'),
      width: size.default(512).describe('Size of a token embedding; divisible by heads'),
      heads: z.int().min(1).max(128).default(8).describe('Attention heads'),
      depth: z.int().min(1).max(128).default(12).describe('Number of blocks'),
    })
    .prefault({})
    .describe('The text encoder: a transformer with a causal mask'),
});
export type ClipModel = z.infer<typeof ClipModel>;

/** A model with every default filled in. */
export const Model = z.discriminatedUnion('family', [VitModel, ResnetModel, CrossvitModel, ClipModel]);
export type Model = z.infer<typeof Model>;
export const Family = z.enum(['vit', 'resnet', 'crossvit', 'clip']);
export type Family = z.infer<typeof Family>;
