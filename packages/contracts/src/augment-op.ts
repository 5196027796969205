/** The operations that an `augment` list is made of: one row each, with its defaults. What they do to pixels is in `@ablate/data`. */
import { z } from 'zod';

const probability = z.number().min(0).max(1);
const share = z.number().min(0).max(1);
const positive = z.number().gt(0).max(1000);

/** A range [low, high]. */
const range = (low: number, high: number) =>
  z
    .tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([from, to]) => from <= to, 'the first number must not be greater than the second');

const channels = (least: number) =>
  z.tuple([z.number().min(least).max(1), z.number().min(least).max(1), z.number().min(least).max(1)]);

/** What stands where a change leaves nothing of the image: black, or the data set's mean colour. */
const Fill = z.enum(['zero', 'mean']);
export const Interpolation = z.enum(['nearest', 'bilinear', 'bicubic']);
export type Interpolation = z.infer<typeof Interpolation>;

/** Transform sets of timm's RandAugment. `plain`: severity of some falls with the magnitude; `increasing`: it grows. */
export const TimmTransforms = z.enum(['plain', 'increasing', 'weights', '3a', '3aw']);
export type TimmTransforms = z.infer<typeof TimmTransforms>;
export const TimmPolicy = z.enum(['original', 'originalr', 'v0', 'v0r', '3a']);
export type TimmPolicy = z.infer<typeof TimmPolicy>;

/** Deviation of the normal noise on a magnitude; `uniform` draws it between 0 and the magnitude. */
const Deviation = z.union([z.number().min(0).max(100), z.literal('uniform')], {
  error: 'must be a number from 0 to 100, or "uniform"',
});
/** timm draws bilinear or bicubic anew for each transform. */
const TimmInterpolation = z.enum(['random', 'nearest', 'bilinear', 'bicubic']);

const geometry = { interpolation: Interpolation.default('nearest'), fill: Fill.default('zero') };
const depth = z
  .int()
  .min(-1)
  .max(10)
  .refine((d) => d !== 0, 'must be -1 (1 to 3, drawn) or at least 1');

export const AugmentOp = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('crop'),
    padding: z.int().min(0).max(64).default(4).describe('Pixels added on each side before the image is cut out again'),
    fill: z.enum(['zero', 'reflect', 'mean']).default('zero'),
    p: probability.default(1),
  }),
  z.strictObject({
    op: z.literal('resizedCrop'),
    scale: range(0.001, 1).default([0.08, 1]).describe('Share of the area'),
    ratio: range(0.01, 100)
      .default([3 / 4, 4 / 3])
      .describe('Width by height'),
    interpolation: z.enum(['bilinear', 'bicubic']).default('bilinear'),
    p: probability.default(1),
  }),
  z.strictObject({ op: z.literal('flip'), p: probability.default(0.5) }),
  z.strictObject({ op: z.literal('flipVertical'), p: probability.default(0.5) }),
  z.strictObject({
    op: z.literal('rotate'),
    degrees: z.number().min(0).max(180).default(15).describe('Drawn between -degrees and degrees'),
    ...geometry,
    p: probability.default(1),
  }),
  z.strictObject({
    op: z.literal('translate'),
    x: share.default(0.1).describe('Drawn between -x and x of the width'),
    y: share.default(0.1).describe('Drawn between -y and y of the height'),
    ...geometry,
    p: probability.default(1),
  }),
  z.strictObject({
    op: z.literal('shear'),
    x: z.number().min(0).max(80).default(10).describe('Degrees, drawn between -x and x'),
    y: z.number().min(0).max(80).default(0).describe('Degrees, drawn between -y and y'),
    ...geometry,
    p: probability.default(1),
  }),
  z.strictObject({
    op: z.literal('colorJitter'),
    brightness: z
      .number()
      .min(0)
      .max(10)
      .default(0)
      .describe('The factor is drawn between 1 - brightness and 1 + brightness'),
    contrast: z.number().min(0).max(10).default(0),
    saturation: z.number().min(0).max(10).default(0),
    hue: z.number().min(0).max(0.5).default(0).describe('Turn of the hue, drawn between -hue and hue'),
    p: probability.default(1),
  }),
  z.strictObject({ op: z.literal('grayscale'), p: probability.default(0.1) }),
  z.strictObject({
    op: z.literal('blur'),
    kernel: z
      .int()
      .min(1)
      .max(63)
      .default(3)
      .refine((k) => k % 2 === 1, 'must be odd'),
    sigma: range(0.01, 100).default([0.1, 2]),
    p: probability.default(0.5),
  }),
  z.strictObject({
    op: z.literal('sharpness'),
    factor: z.number().min(0).max(10).default(2).describe('0 blurs, 1 changes nothing'),
    p: probability.default(0.5),
  }),
  z.strictObject({
    op: z.literal('solarize'),
    threshold: z.number().min(0).max(256).default(128).describe('Values from here on are inverted'),
    p: probability.default(0.5),
  }),
  z.strictObject({ op: z.literal('posterize'), bits: z.int().min(0).max(8).default(4), p: probability.default(0.5) }),
  z.strictObject({ op: z.literal('equalize'), p: probability.default(0.5) }),
  z.strictObject({ op: z.literal('autocontrast'), p: probability.default(0.5) }),
  z.strictObject({ op: z.literal('invert'), p: probability.default(0.5) }),
  z.strictObject({
    op: z.literal('erase'),
    scale: range(0, 1)
      .default([0.02, 1 / 3])
      .describe('Share of the area'),
    ratio: range(0.01, 100)
      .default([0.3, 1 / 0.3])
      .describe('Height by width'),
    fill: z
      .enum(['zero', 'mean', 'color', 'noise'])
      .default('mean')
      .describe('color: one normal draw for each channel; noise: one for each value; both about the mean'),
    count: z
      .tuple([z.int().min(1).max(20), z.int().min(1).max(20)])
      .default([1, 1])
      .describe('Fewest and most boxes'),
    p: probability.default(0.5),
  }),
  z.strictObject({
    op: z.literal('trivial'),
    levels: z.int().min(2).max(1000).default(31),
    ...geometry,
    p: probability.default(1),
  }),
  z.strictObject({
    op: z.literal('randaugment'),
    layers: z.int().min(0).max(10).default(2),
    magnitude: z.int().min(0).max(999).default(9),
    levels: z.int().min(2).max(1000).default(31),
    ...geometry,
    p: probability.default(1),
  }),
  z.strictObject({
    op: z.literal('autoaugment'),
    policy: z.enum(['cifar10', 'imagenet', 'svhn']).default('cifar10'),
    ...geometry,
    p: probability.default(1),
  }),
  z.strictObject({
    op: z.literal('augmix'),
    severity: z.int().min(1).max(10).default(3),
    width: z.int().min(1).max(10).default(3),
    depth: depth.default(-1),
    alpha: positive.default(1),
    interpolation: Interpolation.default('bilinear'),
    fill: Fill.default('zero'),
    p: probability.default(1),
  }),
  z.strictObject({
    op: z.literal('timmRandaugment'),
    layers: z.int().min(0).max(10).default(2),
    magnitude: z.number().min(0).max(100).default(10),
    deviation: Deviation.default(0),
    limit: positive.default(10).describe('Largest magnitude'),
    layerP: probability.default(0.5).describe('Probability of each layer'),
    transforms: TimmTransforms.default('plain'),
    interpolation: TimmInterpolation.default('random'),
    p: probability.default(1),
  }),
  z.strictObject({
    op: z.literal('timmAutoaugment'),
    policy: TimmPolicy.default('v0'),
    deviation: Deviation.default(0),
    interpolation: TimmInterpolation.default('random'),
    p: probability.default(1),
  }),
  z.strictObject({
    op: z.literal('timmAugmix'),
    magnitude: z.number().min(0).max(100).default(3),
    width: z.int().min(1).max(10).default(3),
    depth: depth.default(-1),
    alpha: positive.default(1),
    deviation: Deviation.default('uniform'),
    interpolation: TimmInterpolation.default('random'),
    p: probability.default(1),
  }),
  z.strictObject({
    op: z.literal('normalise'),
    mean: channels(0).describe('In place of the data set’s, on a scale where a byte of 255 is 1'),
    std: channels(0.001),
  }),
  z.strictObject({
    op: z.literal('mixup'),
    alpha: positive.default(0.2).describe('Of the Beta distribution that shares are drawn from'),
    p: probability.default(1).describe('Share of the batches; a batch is mixed by mixup or by cutmix, never by both'),
  }),
  z.strictObject({ op: z.literal('cutmix'), alpha: positive.default(1), p: probability.default(1) }),
]);
export type AugmentOp = z.infer<typeof AugmentOp>;

/** Operations on a whole batch: what they do to images and labels is the batch's business. */
export type MixOp = Extract<AugmentOp, { op: 'mixup' | 'cutmix' }>;
/** Not an operation on bytes: the mean and deviation that training and measuring normalise with. */
export type NormaliseOp = Extract<AugmentOp, { op: 'normalise' }>;
/** Operations on one image. */
export type ImageOp = Exclude<AugmentOp, MixOp | NormaliseOp>;
