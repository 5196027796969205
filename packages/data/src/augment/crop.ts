/** Crops: with padding, and of a random part that is resized. */
import type { ImageOp } from '@ablate/contracts';
import type { CountedRandom } from '@ablate/random';
import { resizer, roundEven } from '../image/resize.ts';
import { reflect } from './blur.ts';
import type { Apply, Color, Shape } from './change.ts';

/**
 * Pad each side, then crop at random (torchvision's RandomCrop). Padding comes before normalisation: black does not become zero.
 */
export function crop({ padding, fill }: Extract<ImageOp, { op: 'crop' }>, size: number, mean: Color): Apply {
  const draw = (random: CountedRandom) => random.integer(2 * padding + 1) - padding;
  const move = fill === 'reflect' ? reflected(size, padding) : shifted(size, fill === 'mean' ? mean : [0, 0, 0]);
  return (from, to, random) => {
    const dx = draw(random);
    const dy = draw(random);
    move(from, to, dx, dy);
  };
}

type Move = (from: Uint8Array, to: Uint8Array, dx: number, dy: number) => void;

/** Shift with one copy of the whole image, then fill the border. */
export const shifted =
  (size: number, [red, green, blue]: Color): Move =>
  (from, to, dx, dy) => {
    const offset = (dy * size + dx) * 3;
    if (offset >= 0) to.set(from.subarray(offset));
    else to.set(from.subarray(0, from.length + offset), -offset);
    const border = (firstY: number, lastY: number, firstX: number, lastX: number): void => {
      for (let y = firstY; y < lastY; y++)
        for (let at = (y * size + firstX) * 3, end = (y * size + lastX) * 3; at < end; at += 3) {
          to[at] = red;
          to[at + 1] = green;
          to[at + 2] = blue;
        }
    };
    if (dy < 0) border(0, -dy, 0, size);
    if (dy > 0) border(size - dy, size, 0, size);
    if (dx < 0) border(0, size, 0, -dx);
    if (dx > 0) border(0, size, size - dx, size);
  };

/** Shift with mirrored padding; the border pixel is not repeated. */
export function reflected(size: number, padding: number): Move {
  const sources = Int32Array.from({ length: size + 2 * padding }, (_, position) => reflect(position - padding, size));
  return (from, to, dx, dy) => {
    for (let y = 0, at = 0; y < size; y++) {
      const row = sources[y + dy + padding]! * size;
      for (let x = 0; x < size; x++, at += 3) {
        const source = (row + sources[x + dx + padding]!) * 3;
        to[at] = from[source]!;
        to[at + 1] = from[source + 1]!;
        to[at + 2] = from[source + 2]!;
      }
    }
  };
}

type Box = { left: number; top: number; width: number; height: number };

/** A random part of the image, with area and aspect ratio within limits (torchvision's RandomResizedCrop.make_params). */
function drawBox(
  random: CountedRandom,
  { width, height }: Shape,
  {
    scale: [least, most],
    ratio: [narrow, wide],
  }: { scale: readonly [number, number]; ratio: readonly [number, number] },
): Box {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * (least + (most - least) * random.uniform());
    const ratio = narrow * (wide / narrow) ** random.uniform();
    const w = roundEven(Math.sqrt(area * ratio));
    const h = roundEven(Math.sqrt(area / ratio));
    if (w <= 0 || w > width || h <= 0 || h > height) continue;
    const top = random.integer(height - h + 1);
    const left = random.integer(width - w + 1);
    return { left, top, width: w, height: h };
  }
  // Fallback: the largest centred part within the ratio limits.
  const whole = width / height;
  const w = whole > wide ? roundEven(height * wide) : width;
  const h = whole < narrow ? roundEven(width / narrow) : height;
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
}

/** Crop a random part and resize it to (size, size). The image may have any shape. */
export function resizedCrop(
  { interpolation, ...limits }: Extract<ImageOp, { op: 'resizedCrop' }>,
  size: number,
): Apply {
  const resize = resizer(interpolation);
  return (from, to, random, shape) => {
    const box = drawBox(random, shape, limits);
    resize({ pixels: from, stride: shape.width, ...box }, { pixels: to, width: size, height: size });
  };
}
