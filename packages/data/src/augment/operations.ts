/** The operations of an `augment` list on one image. They change bytes, before normalisation, as torchvision's do. */
import type { ImageOp } from '@ablate/contracts';
import { gaussian, sharpness } from './blur.ts';
import type { Apply, Color } from './change.ts';
import { grayscale } from './color.ts';
import { crop, resizedCrop } from './crop.ts';
import { erase } from './erase.ts';
import { flip, flipVertical, rotate, shear, translate } from './geometry.ts';
import { colorJitter } from './jitter.ts';
import { autocontrast, equalize, invert, posterize, solarize } from './tables.ts';
import { timmAugmix, timmAutoaugment, timmRandaugment } from './timm-policies.ts';
import { augmix, autoaugment, randaugment, trivial } from './torchvision-policies.ts';

type Channels = readonly [number, number, number];

/** Side of the square images in pixels, and the data set's mean and standard deviation; a byte of 255 counts as 1. */
export type Built = { size: number; mean: Channels; std: Channels };

type Operations = { [Name in ImageOp['op']]: (op: Extract<ImageOp, { op: Name }>, built: Built) => Apply };

const BLACK: Color = [0, 0, 0];
const colorOf = ([red, green, blue]: Channels): Color => {
  const byte = (value: number): number => Math.min(255, Math.round(255 * value));
  return [byte(red), byte(green), byte(blue)];
};
const fillOf = ({ fill }: { fill: 'zero' | 'mean' }, { mean }: Built): Color =>
  fill === 'mean' ? colorOf(mean) : BLACK;
const around = (op: { fill: 'zero' | 'mean' }, built: Built) => ({ size: built.size, fill: fillOf(op, built) });
const timm = ({ size, mean }: Built) => ({ size, mean: colorOf(mean) });

/** One row per operation: from its parameters and the data set to the change. */
const operations: Operations = {
  crop: (op, { size, mean }) => crop(op, size, colorOf(mean)),
  resizedCrop: (op, { size }) => resizedCrop(op, size),
  flip: (_op, { size }) => flip(size),
  flipVertical: (_op, { size }) => flipVertical(size),
  rotate: (op, built) => rotate(op, built.size, fillOf(op, built)),
  translate: (op, built) => translate(op, built.size, fillOf(op, built)),
  shear: (op, built) => shear(op, built.size, fillOf(op, built)),
  colorJitter: (op, { size }) => colorJitter(op, size),
  grayscale: () => grayscale,
  blur: ({ kernel, sigma: [low, high] }, { size }) => {
    const scratch = new Float32Array(size * size * 3);
    return (from, to, random) =>
      gaussian(from, to, size, { kernel, sigma: low + (high - low) * random.uniform(), scratch });
  },
  sharpness:
    ({ factor }, { size }) =>
    (from, to) =>
      sharpness(from, to, size, factor),
  solarize:
    ({ threshold }) =>
    (from, to) =>
      solarize(from, to, threshold),
  posterize:
    ({ bits }) =>
    (from, to) =>
      posterize(from, to, bits),
  equalize: () => equalize,
  autocontrast: () => autocontrast,
  invert: () => invert,
  erase: (op, { size, mean, std }) => erase(op, size, { mean, std }),
  trivial: (op, built) => trivial(op, around(op, built)),
  randaugment: (op, built) => randaugment(op, around(op, built)),
  autoaugment: (op, built) => autoaugment(op, around(op, built)),
  augmix: (op, built) => augmix(op, around(op, built)),
  timmRandaugment: (op, built) => timmRandaugment(op, timm(built)),
  timmAutoaugment: (op, built) => timmAutoaugment(op, timm(built)),
  timmAugmix: (op, built) => timmAugmix(op, timm(built)),
};

/** Build one operation. */
export const operation = <Name extends ImageOp['op']>(op: Extract<ImageOp, { op: Name }>, built: Built): Apply =>
  operations[op.op as Name](op, built);
