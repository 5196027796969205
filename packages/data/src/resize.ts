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
export type ResizeFilter = keyof typeof FILTERS;

/** Bits of the fixed-point weights that Pillow sums 8-bit images with. Sums fit 32 bits. */
const BITS = 22;

/** For each place of the result: where it begins in the source, how many values it takes, and their weights, `most` places apart. */
type Taps = { first: Int32Array; count: Int32Array; weights: Int32Array; most: number };

const roundAway = (value: number): number => Math.trunc(value < 0 ? value - 0.5 : value + 0.5);

function tapsOf(from: number, to: number, filter: ResizeFilter): Taps {
  const { support, weigh } = FILTERS[filter];
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const most = 2 * Math.ceil(support * stretch) + 1;
  const taps: Taps = { first: new Int32Array(to), count: new Int32Array(to), weights: new Int32Array(to * most), most };
  for (let place = 0; place < to; place++) {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const last = Math.min(from, Math.trunc(centre + support * stretch + 0.5));
    let sum = 0;
    for (let tap = first; tap < last; tap++) sum += weigh((tap - centre + 0.5) / stretch);
    taps.first[place] = first;
    taps.count[place] = last - first;
    for (let tap = first; tap < last; tap++)
      taps.weights[place * most + tap - first] = roundAway((weigh((tap - centre + 0.5) / stretch) / sum) * 2 ** BITS);
  }
  return taps;
}

/** Bytes of lines of RGB values: `step` apart within a line, `line` apart between lines, from `start`. */
type Lines = { pixels: Uint8Array; start: number; step: number; line: number };

/** One axis: each of `count` lines becomes one of as many places as there are taps. */
function resample(source: Lines, target: Lines, count: number, { first, count: counts, weights, most }: Taps): void {
  const { pixels: from, step } = source;
  const { pixels: to } = target;
  for (let index = 0; index < count; index++)
    for (
      let place = 0, write = target.start + index * target.line;
      place < first.length;
      place++, write += target.step
    ) {
      let read = source.start + index * source.line + first[place]! * step;
      let [red, green, blue] = [1 << (BITS - 1), 1 << (BITS - 1), 1 << (BITS - 1)]; // a half, to round
      for (let tap = place * most, end = tap + counts[place]!; tap < end; tap++, read += step) {
        const weight = weights[tap]!;
        red += weight * from[read]!;
        green += weight * from[read + 1]!;
        blue += weight * from[read + 2]!;
      }
      to[write] = clip(red >> BITS);
      to[write + 1] = clip(green >> BITS);
      to[write + 2] = clip(blue >> BITS);
    }
}

const clip = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);

/** A part of an image whose rows are `stride` pixels long. */
type Part = { pixels: Uint8Array; stride: number; left: number; top: number; width: number; height: number };

/** Weights kept for sizes seen before. */
const MOST_TAPS = 2048;

/**
 * Resizes parts of images, keeping weights and a buffer between calls: first across, then down, rounded to bytes between, as Pillow does.
 * The part is cut out first: nothing beyond it is looked at.
 */
export function resizer(filter: ResizeFilter): (source: Part, target: Picture) => void {
  const known = new Map<number, Taps>();
  let between = new Uint8Array(0);
  const taps = (from: number, to: number): Taps => {
    const key = from * 2 ** 20 + to;
    const found = known.get(key) ?? tapsOf(from, to, filter);
    if (known.size >= MOST_TAPS) known.clear();
    known.set(key, found);
    return found;
  };
  return ({ pixels, stride, left, top, width, height }, target) => {
    const start = (top * stride + left) * 3;
    const source: Lines = { pixels, start, step: 3, line: stride * 3 };
    const row = target.width * 3;
    if (width === target.width && height === target.height) {
      for (let y = 0; y < height; y++) {
        const at = start + y * stride * 3;
        target.pixels.set(pixels.subarray(at, at + row), y * row);
      }
      return;
    }
    if (height === target.height) {
      resample(source, { pixels: target.pixels, start: 0, step: 3, line: row }, height, taps(width, target.width));
      return;
    }
    let rows: Lines = source;
    if (width !== target.width) {
      if (between.length < row * height) between = new Uint8Array(row * height);
      rows = { pixels: between, start: 0, step: 3, line: row };
      resample(source, rows, height, taps(width, target.width));
    }
    resample(
      { ...rows, step: rows.line, line: 3 },
      { pixels: target.pixels, start: 0, step: row, line: 3 },
      target.width,
      taps(height, target.height),
    );
  };
}

/** Resize (height, width, 3) bytes. */
export function resize(picture: Picture, width: number, height: number, filter: ResizeFilter): Picture {
  const result = { width, height, pixels: new Uint8Array(width * height * 3) };
  resizer(filter)({ ...picture, stride: picture.width, left: 0, top: 0 }, result);
  return result;
}

/** Resize so that the shorter side is `side`; the longer is cut to a whole pixel, as torchvision does. */
export function resizeShort(picture: Picture, side: number, filter: ResizeFilter): Picture {
  const { width, height } = picture;
  return width <= height
    ? resize(picture, side, Math.trunc((side * height) / width), filter)
    : resize(picture, Math.trunc((side * width) / height), side, filter);
}

/** Python's round: halves go to the even number. */
export const roundEven = (value: number): number => {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
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
