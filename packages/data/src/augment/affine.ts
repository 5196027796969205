/**
 * Affine transforms, bit for bit as Pillow's. https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Geometry.c
 * A matrix [a, b, c, d, e, f] maps a point (x, y) of the result to (a x + b y + c, d x + e y + f) of the source.
 */
import type { Interpolation } from '@ablate/contracts';
import { type Color, paint } from './change.ts';

export type Matrix = readonly [number, number, number, number, number, number];

type Resample = (from: Uint8Array, to: Uint8Array, size: number, matrix: Matrix) => void;

/** Pixel centres in 16.16 fixed point. Without rotation or shear, Pillow uses doubles instead. */
function nearest(from: Uint8Array, to: Uint8Array, size: number, [a, b, c, d, e, f]: Matrix): void {
  if (b === 0 && d === 0) {
    scaled(from, to, size, [a, c, e, f]);
    return;
  }
  const fixed = (value: number): number => Math.floor(value * 65536 + 0.5);
  const [stepX, stepY] = [fixed(a), fixed(d)];
  const [rowX, rowY] = [fixed(b), fixed(e)];
  let startX = fixed(c + a * 0.5 + b * 0.5);
  let startY = fixed(f + d * 0.5 + e * 0.5);
  for (let y = 0, at = 0; y < size; y++) {
    let [x, v] = [startX, startY];
    for (let column = 0; column < size; column++, at += 3) {
      const sourceX = x >> 16;
      const sourceY = v >> 16;
      if (sourceX >= 0 && sourceX < size && sourceY >= 0 && sourceY < size) {
        const source = (sourceY * size + sourceX) * 3;
        to[at] = from[source]!;
        to[at + 1] = from[source + 1]!;
        to[at + 2] = from[source + 2]!;
      }
      x += stepX;
      v += stepY;
    }
    startX += rowX;
    startY += rowY;
  }
}

function scaled(
  from: Uint8Array,
  to: Uint8Array,
  size: number,
  [a, c, e, f]: readonly [number, number, number, number],
): void {
  const whole = (value: number): number => (value < 0 ? -1 : Math.trunc(value));
  let sourceY = f + e * 0.5;
  for (let y = 0; y < size; y++, sourceY += e) {
    const row = whole(sourceY);
    if (row < 0 || row >= size) continue;
    let sourceX = c + a * 0.5;
    for (let x = 0, at = y * size * 3; x < size; x++, at += 3, sourceX += a) {
      const column = whole(sourceX);
      if (column < 0 || column >= size) continue;
      const source = (row * size + column) * 3;
      to[at] = from[source]!;
      to[at + 1] = from[source + 1]!;
      to[at + 2] = from[source + 2]!;
    }
  }
}

const clamp = (position: number, size: number): number => (position < 0 ? 0 : position < size ? position : size - 1);

/** Results are truncated, not rounded, as in Pillow. */
function bilinear(from: Uint8Array, to: Uint8Array, size: number, [a, b, c, d, e, f]: Matrix): void {
  for (let row = 0, at = 0; row < size; row++)
    for (let column = 0; column < size; column++, at += 3) {
      const sourceX = a * (column + 0.5) + b * (row + 0.5) + c;
      const sourceY = d * (column + 0.5) + e * (row + 0.5) + f;
      if (sourceX < 0 || sourceX >= size || sourceY < 0 || sourceY >= size) continue;
      const x = Math.floor(sourceX - 0.5);
      const y = Math.floor(sourceY - 0.5);
      const dx = sourceX - 0.5 - x;
      const dy = sourceY - 0.5 - y;
      const left = clamp(x, size) * 3;
      const right = clamp(x + 1, size) * 3;
      const above = clamp(y, size) * size * 3;
      const below = clamp(y + 1, size) * size * 3;
      for (let channel = 0; channel < 3; channel++) {
        const topLeft = from[above + left + channel]!;
        const bottomLeft = from[below + left + channel]!;
        const top = topLeft + (from[above + right + channel]! - topLeft) * dx;
        const bottom = bottomLeft + (from[below + right + channel]! - bottomLeft) * dx;
        to[at + channel] = top + (bottom - top) * dy;
      }
    }
}

/** Keys' kernel with a = -1, as in Pillow's transforms (its resize uses -0.5). */
const cubic = (v1: number, v2: number, v3: number, v4: number, d: number): number =>
  v2 + d * (v3 - v1 + d * (2 * (v1 - v2) + v3 - v4 + d * (v2 - v1 - v3 + v4)));

function bicubic(from: Uint8Array, to: Uint8Array, size: number, [a, b, c, d, e, f]: Matrix): void {
  for (let row = 0, at = 0; row < size; row++)
    for (let column = 0; column < size; column++, at += 3) {
      const sourceX = a * (column + 0.5) + b * (row + 0.5) + c;
      const sourceY = d * (column + 0.5) + e * (row + 0.5) + f;
      if (sourceX < 0 || sourceX >= size || sourceY < 0 || sourceY >= size) continue;
      const x = Math.floor(sourceX - 0.5);
      const y = Math.floor(sourceY - 0.5);
      const dx = sourceX - 0.5 - x;
      const dy = sourceY - 0.5 - y;
      const x0 = clamp(x - 1, size) * 3;
      const x1 = clamp(x, size) * 3;
      const x2 = clamp(x + 1, size) * 3;
      const x3 = clamp(x + 2, size) * 3;
      const y0 = clamp(y - 1, size) * size * 3;
      const y1 = clamp(y, size) * size * 3;
      const y2 = clamp(y + 1, size) * size * 3;
      const y3 = clamp(y + 2, size) * size * 3;
      for (let channel = 0; channel < 3; channel++) {
        const value = cubic(
          cubic(
            from[y0 + x0 + channel]!,
            from[y0 + x1 + channel]!,
            from[y0 + x2 + channel]!,
            from[y0 + x3 + channel]!,
            dx,
          ),
          cubic(
            from[y1 + x0 + channel]!,
            from[y1 + x1 + channel]!,
            from[y1 + x2 + channel]!,
            from[y1 + x3 + channel]!,
            dx,
          ),
          cubic(
            from[y2 + x0 + channel]!,
            from[y2 + x1 + channel]!,
            from[y2 + x2 + channel]!,
            from[y2 + x3 + channel]!,
            dx,
          ),
          cubic(
            from[y3 + x0 + channel]!,
            from[y3 + x1 + channel]!,
            from[y3 + x2 + channel]!,
            from[y3 + x3 + channel]!,
            dx,
          ),
          dy,
        );
        to[at + channel] = value <= 0 ? 0 : value >= 255 ? 255 : value;
      }
    }
}

const RESAMPLE: Record<Interpolation, Resample> = { nearest, bilinear, bicubic };

/** How to sample between pixels, and the colour outside the image. */
export type Surroundings = { interpolation: Interpolation; fill: Color };

/** `Image.transform(size, AFFINE, matrix)` of a square image; pixels from outside it get `fill`. */
export function transform(
  from: Uint8Array,
  to: Uint8Array,
  size: number,
  matrix: Matrix,
  { interpolation, fill }: Surroundings,
): void {
  paint(to, fill);
  RESAMPLE[interpolation](from, to, size, matrix);
}

const RADIANS = Math.PI / 180;
/** Python's `round(value, 15)`. */
const rounded = (value: number): number => Number(value.toFixed(15));

/** The matrix of `Image.rotate(degrees)` about the centre, counter-clockwise. */
function rotation(degrees: number, size: number): Matrix {
  const turn = ((degrees % 360) + 360) % 360;
  // Pillow transposes for quarter turns, which is exact.
  const quarter = QUARTERS[turn];
  if (quarter) return quarter(size);
  const [cos, sin] = [rounded(Math.cos(-turn * RADIANS)), rounded(Math.sin(-turn * RADIANS))];
  const centre = size / 2;
  return [cos, sin, cos * -centre + sin * -centre + centre, -sin, cos, -sin * -centre + cos * -centre + centre];
}

const QUARTERS: Record<number, (size: number) => Matrix> = {
  0: () => [1, 0, 0, 0, 1, 0],
  90: (size) => [0, -1, size, 1, 0, 0],
  180: (size) => [-1, 0, size, 0, -1, size],
  270: (size) => [0, 1, 0, -1, 0, size],
};

/** Rotate about the centre. Quarter turns move whole pixels with every interpolation, as in Pillow. */
export function turn(from: Uint8Array, to: Uint8Array, size: number, degrees: number, around: Surroundings): void {
  const interpolation = degrees % 90 === 0 ? 'nearest' : around.interpolation;
  transform(from, to, size, rotation(degrees, size), { ...around, interpolation });
}

/** torchvision's shear (`_get_inverse_affine_matrix`): by degrees along x and y, about (centre, centre). */
export function shearing(degreesX: number, degreesY: number, centre: number): Matrix {
  const [x, y] = [degreesX * RADIANS, degreesY * RADIANS];
  const a = Math.cos(-y) / Math.cos(y);
  const b = (-Math.cos(-y) * Math.tan(x)) / Math.cos(y);
  const c = Math.sin(-y) / Math.cos(y);
  const d = (-Math.sin(-y) * Math.tan(x)) / Math.cos(y) + 1;
  return [d, -b, d * -centre + -b * -centre + centre, -c, a, -c * -centre + a * -centre + centre];
}

/** Moves the content by (-x, -y) pixels. */
export const translation = (x: number, y: number): Matrix => [1, 0, x, 0, 1, y];
