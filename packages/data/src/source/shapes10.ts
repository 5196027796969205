/** `shapes10`: ten drawn shapes, rotated, scaled, moved, coloured and with noise. Needs no download. */
import { type CountedRandom, countedRandom, randomKey } from '@ablate/random';
import type { Picture, Sample } from '../dataset.ts';

/** Part of the packed copy's name: raise it when a change alters any image. */
export const SHAPES10_VERSION = 1;
const TRAIN = 10_000;
const TEST = 2_000;
const SIZE = 32;

const sides = (u: number, v: number) => Math.max(Math.abs(u), Math.abs(v));

/** Whether the point (u, v), each from -1 to 1, lies inside the shape. */
const shapes: Record<string, (u: number, v: number) => boolean> = {
  bars: (u, v) => sides(u, v) < 0.9 && Math.floor((v + 0.9) / 0.36) % 2 === 0,
  crescent: (u, v) => Math.hypot(u, v) < 0.9 && Math.hypot(u - 0.45, v) > 0.75,
  cross: (u, v) => sides(u, v) < 0.95 && Math.min(Math.abs(u), Math.abs(v)) < 0.28,
  disc: (u, v) => Math.hypot(u, v) < 0.85,
  frame: (u, v) => sides(u, v) < 0.85 && sides(u, v) > 0.45,
  hourglass: (u, v) => Math.abs(v) < 0.85 && Math.abs(u) < 0.08 + 0.85 * Math.abs(v),
  ring: (u, v) => Math.hypot(u, v) < 0.95 && Math.hypot(u, v) > 0.52,
  square: (u, v) => sides(u, v) < 0.75,
  star: (u, v) => {
    const turn = (Math.atan2(v, u) / (2 * Math.PI) + 1) * 5;
    return Math.hypot(u, v) < 0.38 + 0.6 * Math.abs(2 * (turn % 1) - 1);
  },
  triangle: (u, v) => v < 0.5 && v > -1 + Math.sqrt(3) * Math.abs(u),
};
const CLASSES = Object.keys(shapes);

const between = (random: CountedRandom, low: number, high: number) => low + (high - low) * random.uniform();
const colour = (random: CountedRandom, low: number, high: number) => [0, 1, 2].map(() => between(random, low, high));

/** Sum of a word's four bytes: close to normal, with mean 510 and standard deviation 147.8. */
const noise = (word: number) =>
  ((word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24) - 510) / 147.8;

/** One image (32, 32, 3), with four sample points per pixel. */
function draw(inside: (u: number, v: number) => boolean, random: CountedRandom): Uint8Array {
  const [front, back] = [colour(random, 120, 250), colour(random, 5, 135)];
  const angle = between(random, -0.4, 0.4);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const radius = between(random, 7, 13);
  const [x0, y0] = [between(random, radius, SIZE - radius), between(random, radius, SIZE - radius)];
  const [slopeX, slopeY] = [between(random, -2, 2), between(random, -2, 2)];
  const grain = between(random, 10, 45);
  const pixels = new Uint8Array(SIZE * SIZE * 3);
  let at = 0;
  for (let y = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++) {
      let covered = 0;
      for (let part = 0; part < 4; part++) {
        const dx = (x + 0.25 + 0.5 * (part & 1) - x0) / radius;
        const dy = (y + 0.25 + 0.5 * (part >> 1) - y0) / radius;
        if (inside(cos * dx + sin * dy, cos * dy - sin * dx)) covered += 0.25;
      }
      const shade = slopeX * (x - SIZE / 2) + slopeY * (y - SIZE / 2);
      for (let c = 0; c < 3; c++) {
        const value = covered * front[c]! + (1 - covered) * (back[c]! + shade) + grain * noise(random.word());
        pixels[at++] = Math.max(0, Math.min(255, Math.round(value)));
      }
    }
  return pixels;
}

const SHAPES10_TOTAL = TRAIN + TEST;

/** Every image of the set; classes alternate. */
export async function* shapes10Samples(): AsyncGenerator<Sample & { image: Picture }> {
  const key = randomKey(0, 'shapes10');
  for (let i = 0; i < SHAPES10_TOTAL; i++) {
    const className = CLASSES[i % CLASSES.length]!;
    yield {
      set: i < TRAIN ? 'train' : 'test',
      className,
      order: String(i).padStart(6, '0'),
      image: { width: SIZE, height: SIZE, pixels: draw(shapes[className]!, countedRandom(key, [i, 0])) },
    };
  }
}
