/** The operations of an `augment` list: one row each, with its defaults. `@ablate/data` implements them. */
import { z } from 'zod';
import { probability } from './numbers.ts';

/** The probability that an operation applies. */
const p = (value: number) => probability.default(value).describe('Probability that the operation applies to an image');
const share = z.number().min(0).max(1);
const positive = z.number().gt(0).max(1000);

/** A range [low, high]. */
const range = (low: number, high: number) =>
  z
    .tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([from, to]) => from <= to, 'the first number must not be greater than the second');

const channels = (least: number) =>
  z.tuple([z.number().min(least).max(1), z.number().min(least).max(1), z.number().min(least).max(1)]);

const Fill = z
  .enum(['zero', 'mean'])
  .describe('Colour of pixels outside the image: black, or the mean of the data set');
export const Interpolation = z.enum(['nearest', 'bilinear', 'bicubic']).describe('How pixels are resampled');
export type Interpolation = z.infer<typeof Interpolation>;

export const TimmTransforms = z
  .enum(['plain', 'increasing', 'weights', '3a', '3aw'])
  .describe(
    'Transform set of timm. plain: the severity of some transforms falls with the magnitude; increasing: it grows',
  );
export type TimmTransforms = z.infer<typeof TimmTransforms>;
export const TimmPolicy = z.enum(['original', 'originalr', 'v0', 'v0r', '3a']).describe('Policy of timm');
export type TimmPolicy = z.infer<typeof TimmPolicy>;

const Deviation = z
  .union([z.number().min(0).max(100), z.literal('uniform')], {
    error: 'must be a number from 0 to 100, or "uniform"',
  })
  .describe('Standard deviation of the magnitude; uniform: the magnitude is drawn between 0 and its value');
const TimmInterpolation = z
  .enum(['random', 'nearest', 'bilinear', 'bicubic'])
  .describe('How pixels are resampled; random: bilinear or bicubic, drawn for each transform');

const levels = z.int().min(2).max(1000).default(31).describe('Number of magnitudes');
const layers = z.int().min(0).max(10).default(2).describe('Operations applied to an image');
const chains = z.int().min(1).max(10).default(3).describe('Number of chains that are mixed');
const mixing = positive
  .default(1)
  .describe('Parameter of the Beta and Dirichlet distributions that draw the mixing weights');

const geometry = { interpolation: Interpolation.default('nearest'), fill: Fill.default('zero') };
const depth = z
  .int()
  .min(-1)
  .max(10)
  .refine((d) => d !== 0, 'must be -1 (1 to 3, drawn) or at least 1')
  .describe('Operations in a chain; -1: 1 to 3, drawn');

export const AugmentOp = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('crop').describe('Pad, then crop at a random position to the original size'),
    padding: z.int().min(0).max(64).default(4).describe('Pixels added on each side before cropping'),
    fill: z.enum(['zero', 'reflect', 'mean']).default('zero').describe('Content of the padding'),
    p: p(1),
  }),
  z.strictObject({
    op: z.literal('resizedCrop').describe('Crop a random area and resize it to the original size'),
    scale: range(0.001, 1).default([0.08, 1]).describe('Range of the share of the area'),
    ratio: range(0.01, 100)
      .default([3 / 4, 4 / 3])
      .describe('Range of the aspect ratio, width by height'),
    interpolation: z.enum(['bilinear', 'bicubic']).default('bilinear').describe('How pixels are resampled'),
    p: p(1),
  }),
  z.strictObject({ op: z.literal('flip').describe('Flip horizontally'), p: p(0.5) }),
  z.strictObject({ op: z.literal('flipVertical').describe('Flip vertically'), p: p(0.5) }),
  z.strictObject({
    op: z.literal('rotate').describe('Rotate about the centre'),
    degrees: z.number().min(0).max(180).default(15).describe('Maximum angle; drawn between -degrees and degrees'),
    ...geometry,
    p: p(1),
  }),
  z.strictObject({
    op: z.literal('translate').describe('Shift'),
    x: share.default(0.1).describe('Maximum shift as a share of the width, drawn between -x and x'),
    y: share.default(0.1).describe('Maximum shift as a share of the height, drawn between -y and y'),
    ...geometry,
    p: p(1),
  }),
  z.strictObject({
    op: z.literal('shear').describe('Shear'),
    x: z.number().min(0).max(80).default(10).describe('Maximum horizontal angle in degrees, drawn between -x and x'),
    y: z.number().min(0).max(80).default(0).describe('Maximum vertical angle in degrees, drawn between -y and y'),
    ...geometry,
    p: p(1),
  }),
  z.strictObject({
    op: z.literal('colorJitter').describe('Change brightness, contrast, saturation and hue, in random order'),
    brightness: z
      .number()
      .min(0)
      .max(10)
      .default(0)
      .describe('The factor is drawn between 1 - brightness and 1 + brightness'),
    contrast: z.number().min(0).max(10).default(0).describe('Likewise for contrast'),
    saturation: z.number().min(0).max(10).default(0).describe('Likewise for saturation'),
    hue: z
      .number()
      .min(0)
      .max(0.5)
      .default(0)
      .describe('Maximum rotation of the hue in turns, drawn between -hue and hue'),
    p: p(1),
  }),
  z.strictObject({ op: z.literal('grayscale').describe('Convert to grey'), p: p(0.1) }),
  z.strictObject({
    op: z.literal('blur').describe('Gaussian blur'),
    kernel: z
      .int()
      .min(1)
      .max(63)
      .default(3)
      .refine((k) => k % 2 === 1, 'must be odd')
      .describe('Side of the kernel in pixels; odd'),
    sigma: range(0.01, 100).default([0.1, 2]).describe('Range of the standard deviation in pixels'),
    p: p(0.5),
  }),
  z.strictObject({
    op: z.literal('sharpness').describe('Change the sharpness'),
    factor: z.number().min(0).max(10).default(2).describe('0 blurs, 1 keeps the image'),
    p: p(0.5),
  }),
  z.strictObject({
    op: z.literal('solarize').describe('Invert bright values'),
    threshold: z.number().min(0).max(256).default(128).describe('Values from this one up are inverted'),
    p: p(0.5),
  }),
  z.strictObject({
    op: z.literal('posterize').describe('Reduce the bits of each value'),
    bits: z.int().min(0).max(8).default(4).describe('Bits kept of each value'),
    p: p(0.5),
  }),
  z.strictObject({ op: z.literal('equalize').describe('Equalize the histogram'), p: p(0.5) }),
  z.strictObject({
    op: z.literal('autocontrast').describe('Stretch the histogram of each channel'),
    p: p(0.5),
  }),
  z.strictObject({ op: z.literal('invert').describe('Invert all values'), p: p(0.5) }),
  z.strictObject({
    op: z.literal('erase').describe('Random erasing (Zhong et al. 2017)'),
    scale: range(0, 1)
      .default([0.02, 1 / 3])
      .describe('Range of the share of the area'),
    ratio: range(0.01, 100)
      .default([0.3, 1 / 0.3])
      .describe('Range of the aspect ratio, height by width'),
    fill: z
      .enum(['zero', 'mean', 'color', 'noise'])
      .default('mean')
      .describe(
        'Content of the boxes. color: a normal draw for each channel; noise: for each value; both around the mean',
      ),
    count: z
      .tuple([z.int().min(1).max(20), z.int().min(1).max(20)])
      .default([1, 1])
      .describe('Minimum and maximum number of boxes'),
    p: p(0.5),
  }),
  z.strictObject({
    op: z.literal('trivial').describe('TrivialAugment (Müller and Hutter 2021)'),
    levels,
    ...geometry,
    p: p(1),
  }),
  z.strictObject({
    op: z.literal('randaugment').describe('RandAugment (Cubuk et al. 2019), as in torchvision'),
    layers,
    magnitude: z.int().min(0).max(999).default(9).describe('Strength of the operations; less than levels'),
    levels,
    ...geometry,
    p: p(1),
  }),
  z.strictObject({
    op: z.literal('autoaugment').describe('AutoAugment (Cubuk et al. 2018), as in torchvision'),
    policy: z
      .enum(['cifar10', 'imagenet', 'svhn'])
      .default('cifar10')
      .describe('Data set for which the policy was learned'),
    ...geometry,
    p: p(1),
  }),
  z.strictObject({
    op: z.literal('augmix').describe('AugMix (Hendrycks et al. 2019), as in torchvision'),
    severity: z.int().min(1).max(10).default(3).describe('Strength of the operations'),
    width: chains,
    depth: depth.default(-1),
    alpha: mixing,
    interpolation: Interpolation.default('bilinear'),
    fill: Fill.default('zero'),
    p: p(1),
  }),
  z.strictObject({
    op: z.literal('timmRandaugment').describe('RandAugment, as in timm'),
    layers,
    magnitude: z.number().min(0).max(100).default(10).describe('Strength of the transforms'),
    deviation: Deviation.default(0),
    limit: positive.default(10).describe('Maximum magnitude'),
    layerP: probability.default(0.5).describe('Probability that a layer applies'),
    transforms: TimmTransforms.default('plain'),
    interpolation: TimmInterpolation.default('random'),
    p: p(1),
  }),
  z.strictObject({
    op: z.literal('timmAutoaugment').describe('AutoAugment, as in timm'),
    policy: TimmPolicy.default('v0'),
    deviation: Deviation.default(0),
    interpolation: TimmInterpolation.default('random'),
    p: p(1),
  }),
  z.strictObject({
    op: z.literal('timmAugmix').describe('AugMix, as in timm'),
    magnitude: z.number().min(0).max(100).default(3).describe('Strength of the transforms'),
    width: chains,
    depth: depth.default(-1),
    alpha: mixing,
    deviation: Deviation.default('uniform'),
    interpolation: TimmInterpolation.default('random'),
    p: p(1),
  }),
  z.strictObject({
    op: z
      .literal('normalise')
      .describe('Normalize with this mean and deviation instead of the data set’s, in training and evaluation'),
    mean: channels(0).describe('Mean of each channel, where a byte of 255 is 1'),
    std: channels(0.001).describe('Standard deviation of each channel'),
  }),
  z.strictObject({
    op: z.literal('mixup').describe('Mixup (Zhang et al. 2017): mix pairs of images and labels of a batch'),
    alpha: positive.default(0.2).describe('Parameter of the Beta distribution that draws the mixing weight'),
    p: probability.default(1).describe('Share of the batches; a batch is mixed by mixup or by cutmix, not by both'),
  }),
  z.strictObject({
    op: z
      .literal('cutmix')
      .describe('CutMix (Yun et al. 2019): paste a box of one image into another, and mix the labels'),
    alpha: positive.default(1).describe('Parameter of the Beta distribution that draws the area of the box'),
    p: probability.default(1).describe('Share of the batches'),
  }),
]);
export type AugmentOp = z.infer<typeof AugmentOp>;

/** Operations on a whole batch. */
export type MixOp = Extract<AugmentOp, { op: 'mixup' | 'cutmix' }>;
/** Not an operation on bytes: the mean and deviation for training and evaluation. */
export type NormaliseOp = Extract<AugmentOp, { op: 'normalise' }>;
/** Operations on one image. */
export type ImageOp = Exclude<AugmentOp, MixOp | NormaliseOp>;
