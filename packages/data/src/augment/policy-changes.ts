/** The changes that policies are made of: each takes one argument, whose meaning does not depend on who chose it. */
import type { Interpolation } from '@ablate/contracts';
import { rotation, transform, translation } from './affine.ts';
import { boxGaussian, sharpness } from './blur.ts';
import type { Color } from './change.ts';
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

type Surroundings = { interpolation: Interpolation; fill: Color };
type PolicyChange = (from: Uint8Array, to: Uint8Array, argument: number, around: Surroundings) => void;

/** A change that needs no argument. */
const plain =
  (change: (from: Uint8Array, to: Uint8Array) => void): PolicyChange =>
  (from, to) =>
    change(from, to);

/**
 * For images (size, size, 3). Arguments: a factor of shear (about the corner), pixels that the source lies to the right or below, degrees counter-clockwise, a
 * factor (1 changes nothing), bits kept, a threshold, an addition, a blur's radius.
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

/** Turn about the centre. Quarter turns move whole pixels, whatever the interpolation, as Pillow's do. */
export function turn(from: Uint8Array, to: Uint8Array, size: number, degrees: number, around: Surroundings): void {
  const interpolation = degrees % 90 === 0 ? 'nearest' : around.interpolation;
  transform(from, to, size, rotation(degrees, size), { ...around, interpolation });
}
