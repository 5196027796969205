/** The `model` part of a spec: one strict schema a family. Names of variants live here, their maths in `packages/models`. */
import { z } from 'zod';

const size = z.int().min(1).max(4096);
const rate = z.number().min(0).lt(1);

export const VitOrdering = z.enum(['preNorm', 'postNorm', 'resPostNorm', 'mlpFirst', 'parallel', 'parallelFused']);
export type VitOrdering = z.infer<typeof VitOrdering>;
export const AttentionKind = z.enum(['softmax', 'differential']);
export type AttentionKind = z.infer<typeof AttentionKind>;
export const Positional = z.enum(['none', 'learned1d', 'learned2d', 'sinusoidal1d', 'sinusoidal2d']);
export type Positional = z.infer<typeof Positional>;
export const Pool = z.enum(['cls', 'mean']);
export type Pool = z.infer<typeof Pool>;
export const ResnetOrdering = z.enum(['v1', 'v2', 'v3', 'bnAfterAdd', 'preActivation']);
export type ResnetOrdering = z.infer<typeof ResnetOrdering>;

/** Rates of dropout: at positions, on attention probabilities, after projections, in the MLP, and of whole residual paths. */
export const Dropout = z.strictObject({
  position: rate.default(0),
  attention: rate.default(0),
  projection: rate.default(0),
  mlp: rate.default(0),
  path: rate.default(0),
});
export type Dropout = z.infer<typeof Dropout>;

const image = {
  imageSize: z.int().min(8).max(1024).describe('Side of the square input in pixels'),
  classes: z.int().min(2).max(100_000).describe('Number of classes of the head'),
};

export const VitModel = z.strictObject({
  family: z.literal('vit'),
  ...image,
  patchSize: size.default(4),
  width: size.default(192),
  depth: z.int().min(1).max(128).default(6),
  heads: z.int().min(1).max(128).default(3),
  mlpRatio: z.number().min(0.25).max(16).default(4),
  ordering: VitOrdering.default('preNorm'),
  attention: AttentionKind.default('softmax'),
  positional: Positional.default('learned1d'),
  pool: Pool.default('cls'),
  qkvBias: z.boolean().default(true),
  layerNormEpsilon: z.number().positive().max(0.1).default(1e-6),
  layerScale: z.number().positive().max(1).nullable().default(null).describe('Initial layer scale, or null for none'),
  dropout: Dropout.prefault({}),
});
export type VitModel = z.infer<typeof VitModel>;

export const ResnetModel = z.strictObject({
  family: z.literal('resnet'),
  ...image,
  block: z.enum(['basic', 'bottleneck']).default('basic'),
  depths: z.array(z.int().min(1).max(64)).min(1).max(6).default([3, 3, 3]),
  widths: z.array(size).min(1).max(6).default([16, 32, 64]),
  stem: z.enum(['cifar', 'imagenet']).default('cifar'),
  ordering: ResnetOrdering.default('v1'),
  shortcut: z
    .enum(['projection', 'pad'])
    .default('projection')
    .describe(
      'Where shapes change: 1×1 convolution with batch norm, or subsampling padded with zero channels (He et al., option A)',
    ),
});
export type ResnetModel = z.infer<typeof ResnetModel>;

export const CrossvitBranch = z.strictObject({
  imageSize: z
    .int()
    .min(8)
    .max(1024)
    .optional()
    .describe('Size this branch resizes the input to; the model’s own if absent'),
  patchSize: size,
  width: size,
  depth: z.int().min(0).max(64).describe('Plain ViT blocks of this branch in each stage'),
  heads: z.int().min(1).max(128),
});
export type CrossvitBranch = z.infer<typeof CrossvitBranch>;

export const CrossvitModel = z.strictObject({
  family: z.literal('crossvit'),
  ...image,
  small: CrossvitBranch,
  large: CrossvitBranch,
  stages: z.int().min(1).max(32).default(3),
  crossDepth: z.int().min(1).max(32).default(1).describe('Cross-attention layers of each stage'),
  fusion: z.enum(['paper', 'tokens']).default('paper'),
  combine: z.enum(['mean', 'sum']).default('mean'),
  stem: z
    .enum(['linear', 'convolution'])
    .default('linear')
    .describe('convolution: the three-layer stem of the dagger models'),
  mlpRatio: z.number().min(0.25).max(16).default(4),
  layerNormEpsilon: z.number().positive().max(0.1).default(1e-6),
  dropout: Dropout.prefault({}),
});
export type CrossvitModel = z.infer<typeof CrossvitModel>;

export const ClipModel = z.strictObject({
  family: z.literal('clip'),
  imageSize: image.imageSize.default(224),
  embedding: size.default(1024),
  vision: z
    .strictObject({
      depths: z.array(z.int().min(1).max(64)).length(4).default([3, 4, 6, 3]),
      width: size.default(64),
      heads: z.int().min(1).max(128).default(32),
    })
    .prefault({}),
  text: z
    .strictObject({
      context: z.int().min(2).max(1024).default(77),
      vocabulary: z.int().min(1).max(1_000_000).default(49_408),
      width: size.default(512),
      heads: z.int().min(1).max(128).default(8),
      depth: z.int().min(1).max(128).default(12),
    })
    .prefault({}),
});
export type ClipModel = z.infer<typeof ClipModel>;

/** A model with every default filled in. */
export const Model = z.discriminatedUnion('family', [VitModel, ResnetModel, CrossvitModel, ClipModel]);
export type Model = z.infer<typeof Model>;
export const Family = z.enum(['vit', 'resnet', 'crossvit', 'clip']);
export type Family = z.infer<typeof Family>;
