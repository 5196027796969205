/** Types of changes of one image. */
import type { CountedRandom } from '@ablate/random';

/** Width and height in pixels. */
export type Shape = { width: number; height: number };

/** Write a changed copy of `from` to `to`, both (size, size, 3). `to` is overwritten completely, and is never `from`. */
export type Change = (from: Uint8Array, to: Uint8Array) => void;

/** A change with its own random numbers. `shape` is that of `from`; only a resized crop accepts another than (size, size). */
export type Apply = (from: Uint8Array, to: Uint8Array, random: CountedRandom, shape: Shape) => void;

/** A colour as three bytes. */
export type Color = readonly [number, number, number];

/** Fill with one colour. */
export function paint(pixels: Uint8Array, [red, green, blue]: Color): void {
  if (red === green && green === blue) {
    pixels.fill(red);
    return;
  }
  for (let at = 0; at < pixels.length; at += 3) {
    pixels[at] = red;
    pixels[at + 1] = green;
    pixels[at + 2] = blue;
  }
}
