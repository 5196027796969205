/** The changes that policies are made of. Each takes one argument, with the same meaning in every policy. */
import { type Surroundings, transform, translation, turn } from './affine.ts';
import { boxGaussian, sharpness } from './blur.ts';
import { saturation } from './color.ts';
import { autocontrast, brightness, contrast, equalize, invert, posterize, solarize, solarizeAdd } from './tables.ts';

export type ChangeName =
  | 'shearX'
  | 'shearY'
  | 'translateX'
  | 'translateY'
  | 'rotate'
  | 'brightness'
  | 'color'
  | 'contrast'
  | 'sharpness'
  | 'posterize'
  | 'solarize'
  | 'solarizeAdd'
  | 'autocontrast'
  | 'equalize'
  | 'invert'
  | 'blur';

type PolicyChange = (from: Uint8Array, to: Uint8Array, argument: number, around: Surroundings) => void;

/** A change without an argument. */
const plain =
  (change: (from: Uint8Array, to: Uint8Array) => void): PolicyChange =>
  (from, to) =>
    change(from, to);

/**
 * For images (size, size, 3). Arguments: shear factor (about the corner); translation of the source to the right or down, in pixels;
 * degrees counter-clockwise; factor (1 is the identity); bits kept; threshold; value added; blur radius, in pixels.
 */
export function policyChanges(size: number): Record<ChangeName, PolicyChange> {
  const scratch = new Uint8Array(size * size * 3);
  return {
    shearX: (from, to, factor, around) => transform(from, to, size, [1, factor, 0, 0, 1, 0], around),
    shearY: (from, to, factor, around) => transform(from, to, size, [1, 0, 0, factor, 1, 0], around),
    translateX: (from, to, pixels, around) => transform(from, to, size, translation(pixels, 0), around),
    translateY: (from, to, pixels, around) => transform(from, to, size, translation(0, pixels), around),
    rotate: (from, to, degrees, around) => turn(from, to, size, degrees, around),
    brightness,
    color: saturation,
    contrast,
    sharpness: (from, to, factor) => sharpness(from, to, size, factor),
    posterize,
    solarize,
    solarizeAdd,
    autocontrast: plain(autocontrast),
    equalize: plain(equalize),
    invert: plain(invert),
    blur: (from, to, radius) => boxGaussian(from, to, size, { radius, scratch }),
  };
}
