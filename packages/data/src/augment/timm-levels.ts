/** timm's changes and their arguments at magnitudes of 0 to 10. https://github.com/huggingface/pytorch-image-models/blob/main/timm/data/auto_augment.py */

import type { TimmTransforms } from '@ablate/contracts';
import type { CountedRandom } from '@ablate/random';
import type { ChangeName } from './policy-changes.ts';

/** The magnitude of the full range of an argument. */
const FULL = 10;

/** From a magnitude to the argument of a change. `size`: image side in pixels; `shift`: largest translation, as a share of it. */
type Level = {
  change: ChangeName;
  argument: (magnitude: number, draw: { random: CountedRandom; size: number; shift: number }) => number;
};

const sign = (random: CountedRandom): number => (random.uniform() < 0.5 ? -1 : 1);
const none = () => 0;
const within =
  (low: number, high: number) =>
  (magnitude: number): number =>
    Math.max(low, Math.min(high, low + (high - low) * (magnitude / FULL)));

/** 0.1 to 1.9: 1 is the identity, so the strength is not monotonic in the magnitude. */
const enhance = (magnitude: number): number => (magnitude / FULL) * 1.8 + 0.1;
/** Above or below 1, the identity; the strength grows with the magnitude. */
const enhanceMore: Level['argument'] = (magnitude, { random }) =>
  Math.max(0.1, 1 + (magnitude / FULL) * 0.9 * sign(random));
const shear: Level['argument'] = (magnitude, { random }) => (magnitude / FULL) * 0.3 * sign(random);
const translate: Level['argument'] = (magnitude, { random, size, shift }) =>
  (magnitude / FULL) * shift * sign(random) * size;
const bits = (magnitude: number): number => Math.trunc((magnitude / FULL) * 4);
const threshold = (magnitude: number): number => Math.min(256, Math.trunc((magnitude / FULL) * 256));

const levels = {
  autocontrast: { change: 'autocontrast', argument: none },
  equalize: { change: 'equalize', argument: none },
  invert: { change: 'invert', argument: none },
  rotate: { change: 'rotate', argument: (magnitude, { random }) => (magnitude / FULL) * 30 * sign(random) },
  posterize: { change: 'posterize', argument: bits },
  posterizeIncreasing: { change: 'posterize', argument: (magnitude) => 4 - bits(magnitude) },
  posterizeOriginal: { change: 'posterize', argument: (magnitude) => bits(magnitude) + 4 },
  solarize: { change: 'solarize', argument: threshold },
  solarizeIncreasing: { change: 'solarize', argument: (magnitude) => 256 - threshold(magnitude) },
  solarizeAdd: { change: 'solarizeAdd', argument: (magnitude) => Math.min(128, Math.trunc((magnitude / FULL) * 110)) },
  color: { change: 'color', argument: enhance },
  colorIncreasing: { change: 'color', argument: enhanceMore },
  contrast: { change: 'contrast', argument: enhance },
  contrastIncreasing: { change: 'contrast', argument: enhanceMore },
  brightness: { change: 'brightness', argument: enhance },
  brightnessIncreasing: { change: 'brightness', argument: enhanceMore },
  sharpness: { change: 'sharpness', argument: enhance },
  sharpnessIncreasing: { change: 'sharpness', argument: enhanceMore },
  shearX: { change: 'shearX', argument: shear },
  shearY: { change: 'shearY', argument: shear },
  translateX: { change: 'translateX', argument: translate },
  translateY: { change: 'translateY', argument: translate },
  desaturate: {
    change: 'color',
    argument: (magnitude) => Math.min(1, Math.max(0, 1 - within(0.5, 1)(magnitude))),
  },
  blur: { change: 'blur', argument: within(0.1, 2) },
  blurRandom: {
    change: 'blur',
    argument: (magnitude, { random }) => 0.1 + (2 * within(0, 1)(magnitude) - 0.1) * random.uniform(),
  },
} as const satisfies Record<string, Level>;

export type TimmName = keyof typeof levels;
export const TIMM_LEVELS: Record<TimmName, Level> = levels;

/** The changes that a layer of RandAugment chooses from; null weights: equally likely. */
export type Choices = { names: readonly TimmName[]; weights: readonly number[] | null };

const unweighted = (...names: TimmName[]): Choices => ({ names, weights: null });
const weighted = (weights: Partial<Record<TimmName, number>>): Choices => ({
  names: Object.keys(weights) as TimmName[], // the keys of a record of TimmName
  weights: Object.values(weights),
});

export const TIMM_CHOICES: Record<TimmTransforms, Choices> = {
  plain: unweighted(
    ...([
      'autocontrast',
      'equalize',
      'invert',
      'rotate',
      'posterize',
      'solarize',
      'solarizeAdd',
      'color',
      'contrast',
    ] as const),
    ...(['brightness', 'sharpness', 'shearX', 'shearY', 'translateX', 'translateY'] as const),
  ),
  increasing: unweighted(
    ...([
      'autocontrast',
      'equalize',
      'invert',
      'rotate',
      'posterizeIncreasing',
      'solarizeIncreasing',
      'solarizeAdd',
    ] as const),
    ...(['colorIncreasing', 'contrastIncreasing', 'brightnessIncreasing', 'sharpnessIncreasing'] as const),
    ...(['shearX', 'shearY', 'translateX', 'translateY'] as const),
  ),
  weights: weighted({
    rotate: 3,
    shearX: 2,
    shearY: 2,
    translateX: 1,
    translateY: 1,
    colorIncreasing: 0.25,
    sharpnessIncreasing: 0.25,
    autocontrast: 0.25,
    solarizeIncreasing: 0.05,
    solarizeAdd: 0.05,
    contrastIncreasing: 0.05,
    brightnessIncreasing: 0.05,
    equalize: 0.05,
    posterizeIncreasing: 0.05,
    invert: 0.05,
  }),
  '3a': unweighted('solarizeIncreasing', 'desaturate', 'blur'),
  '3aw': weighted({
    solarizeIncreasing: 6,
    desaturate: 6,
    blur: 6,
    rotate: 3,
    shearX: 2,
    shearY: 2,
    posterizeIncreasing: 1,
    autocontrast: 1,
    colorIncreasing: 1,
    sharpnessIncreasing: 1,
    contrastIncreasing: 1,
    brightnessIncreasing: 1,
    equalize: 1,
    invert: 1,
  }),
};

export const TIMM_AUGMIX_NAMES: readonly TimmName[] = [
  'autocontrast',
  'colorIncreasing',
  'contrastIncreasing',
  'brightnessIncreasing',
  'sharpnessIncreasing',
  'equalize',
  'rotate',
  'posterizeIncreasing',
  'solarizeIncreasing',
  'shearX',
  'shearY',
  'translateX',
  'translateY',
];
