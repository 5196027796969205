/** Flips, rotations, translations and shears of the whole image. */
import type { ImageOp } from '@ablate/contracts';
import type { CountedRandom } from '@ablate/random';
import { roundEven } from '../image/resize.ts';
import { shearing, transform, translation, turn } from './affine.ts';
import type { Apply, Color } from './change.ts';

/** Mirror left to right. */
export const flip =
  (size: number): Apply =>
  (from, to) => {
    for (let y = 0, at = 0; y < size; y++)
      for (let x = size - 1, source = (y * size + x) * 3; x >= 0; x--, source -= 3) {
        to[at++] = from[source]!;
        to[at++] = from[source + 1]!;
        to[at++] = from[source + 2]!;
      }
  };

/** Mirror top to bottom. */
export const flipVertical =
  (size: number): Apply =>
  (from, to) => {
    const row = size * 3;
    for (let y = 0; y < size; y++) to.set(from.subarray(y * row, (y + 1) * row), (size - 1 - y) * row);
  };

const about = (random: CountedRandom, width: number): number => (2 * random.uniform() - 1) * width;

/** torchvision's RandomRotation. */
export const rotate =
  ({ degrees, interpolation }: Extract<ImageOp, { op: 'rotate' }>, size: number, fill: Color): Apply =>
  (from, to, random) =>
    turn(from, to, size, about(random, degrees), { interpolation, fill });

/** torchvision's RandomAffine with `translate`: by whole pixels. */
export const translate =
  ({ x, y, interpolation }: Extract<ImageOp, { op: 'translate' }>, size: number, fill: Color): Apply =>
  (from, to, random) => {
    const right = roundEven(about(random, x * size));
    const down = roundEven(about(random, y * size));
    transform(from, to, size, translation(-right, -down), { interpolation, fill });
  };

/** torchvision's RandomAffine with `shear`, about the centre. */
export const shear =
  ({ x, y, interpolation }: Extract<ImageOp, { op: 'shear' }>, size: number, fill: Color): Apply =>
  (from, to, random) => {
    const degreesX = about(random, x);
    const degreesY = about(random, y);
    transform(from, to, size, shearing(degreesX, degreesY, size / 2), { interpolation, fill });
  };
