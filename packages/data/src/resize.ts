/** Pillow's antialiased resize, to the bit: what torchvision and open_clip prepare images with. https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c */
import type { Picture } from './dataset.ts';

const cubic =
  (a: number) =>
  (distance: number): number => {
    const x = Math.abs(distance);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  };

/** Keys' kernel has a = -0.5 in Pillow, -0.75 in PyTorch's interpolate. */
const FILTERS = {
  bilinear: { support: 1, weigh: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weigh: cubic(-0.5) },
} as const;
export type Interpolation = keyof typeof FILTERS;

/** Bits of the fixed-point weights that Pillow sums 8-bit images with. */
const PRECISION = 2 ** 22;

type Taps = { first: number; weights: number[] };

/** For each place of the result: where it begins in the source, and the weights, which sum to about `PRECISION`. */
function tapsOf(from: number, to: number, interpolation: Interpolation): Taps[] {
  const { support, weigh } = FILTERS[interpolation];
  const scale = from / to;
  const stretch = Math.max(1, scale);
  return Array.from({ length: to }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const last = Math.min(from, Math.trunc(centre + support * stretch + 0.5));
    const raw = Array.from({ length: last - first }, (_, tap) => weigh((tap + first - centre + 0.5) / stretch));
    const sum = raw.reduce((a, b) => a + b, 0);
    return { first, weights: raw.map((weight) => roundAway((weight / sum) * PRECISION)) };
  });
}

const roundAway = (value: number): number => Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
const clip = (sum: number): number => Math.min(255, Math.max(0, Math.floor((sum + PRECISION / 2) / PRECISION)));

/** One axis: `count` lines of `from` places become lines of as many places as there are taps. */
function resample(
  source: Uint8Array,
  taps: readonly Taps[],
  { lines, step, line }: { lines: number; step: number; line: (index: number, length: number) => number },
  from: number,
): Uint8Array {
  const to = taps.length;
  const out = new Uint8Array(lines * to * 3);
  for (let index = 0; index < lines; index++) {
    const read = line(index, from);
    const write = line(index, to);
    for (const [place, { first, weights }] of taps.entries())
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let tap = 0; tap < weights.length; tap++)
          sum += (weights[tap] ?? 0) * (source[read + (first + tap) * step + channel] ?? 0);
        out[write + place * step + channel] = clip(sum);
      }
  }
  return out;
}

/** Resize (height, width, 3) bytes: first across, then down, rounded to bytes between, as Pillow does. */
export function resize(picture: Picture, width: number, height: number, interpolation: Interpolation): Picture {
  let { pixels } = picture;
  if (width !== picture.width)
    pixels = resample(
      pixels,
      tapsOf(picture.width, width, interpolation),
      { lines: picture.height, step: 3, line: (row, length) => row * length * 3 },
      picture.width,
    );
  if (height !== picture.height)
    pixels = resample(
      pixels,
      tapsOf(picture.height, height, interpolation),
      { lines: width, step: width * 3, line: (column) => column * 3 },
      picture.height,
    );
  return { width, height, pixels };
}

/** Resize so that the shorter side is `side`; the longer is cut to a whole pixel, as torchvision does. */
export function resizeShort(picture: Picture, side: number, interpolation: Interpolation): Picture {
  const { width, height } = picture;
  return width <= height
    ? resize(picture, side, Math.trunc((side * height) / width), interpolation)
    : resize(picture, Math.trunc((side * width) / height), side, interpolation);
}

/** Python's round: halves go to the even number. */
const roundEven = (value: number): number => {
  const floor = Math.floor(value);
  const half = value - floor === 0.5;
  return half ? floor + (floor % 2) : Math.round(value);
};

/** The square of `side` in the middle, where torchvision's CenterCrop puts it. */
export function centreCrop({ width, height, pixels }: Picture, side: number): Picture {
  const left = roundEven((width - side) / 2);
  const top = roundEven((height - side) / 2);
  const out = new Uint8Array(side * side * 3);
  for (let row = 0; row < side; row++) {
    const from = ((top + row) * width + left) * 3;
    out.set(pixels.subarray(from, from + side * 3), row * side * 3);
  }
  return { width: side, height: side, pixels: out };
}
