/** Pillow's antialiased resize, bit for bit, which torchvision and open_clip use. https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c */
import type { Picture } from '../dataset.ts';
import { layout, type Rows, resampler, type Taps } from './resample/resampler.ts';

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

/** Fraction bits of Pillow's fixed-point weights for 8-bit images. Sums fit 32 bits. */
const BITS = 22;

const roundAway = (value: number): number => Math.trunc(value < 0 ? value - 0.5 : value + 0.5);

/** The outputs `first` to `first + count` of `to`, from a row of `from` pixels. */
function tapsOf(from: number, to: number, filter: ResizeFilter, first = 0, count = to): Taps {
  const { support, weigh } = FILTERS[filter];
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const most = 2 * Math.ceil(support * stretch) + 1;
  const taps: Taps = {
    first: new Int32Array(count),
    count: new Int32Array(count),
    weights: new Int32Array(count * most),
    most,
  };
  for (let out = 0; out < count; out++) {
    const centre = (first + out + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const end = Math.min(from, Math.trunc(centre + support * stretch + 0.5));
    let sum = 0;
    for (let tap = start; tap < end; tap++) sum += weigh((tap - centre + 0.5) / stretch);
    taps.first[out] = start;
    taps.count[out] = end - start;
    for (let tap = start; tap < end; tap++)
      taps.weights[out * most + tap - start] = roundAway((weigh((tap - centre + 0.5) / stretch) / sum) * 2 ** BITS);
  }
  return taps;
}

/** A rectangle of an image whose rows are `stride` pixels long. */
type Part = { pixels: Uint8Array; stride: number; left: number; top: number; width: number; height: number };

/** Sizes whose weights are cached. */
const MOST_TAPS = 2048;

/** Source rows are processed in bands of about this many bytes, so that a large image is never copied whole. */
const BAND_BYTES = 2 ** 20;

/**
 * Resize `part` to `target`: first across, then down, rounded to bytes in between, as Pillow does. A pass without taps keeps the
 * size. Pixels outside the part have no influence.
 */
function resample(
  { pixels, stride, left, top, width, height }: Part,
  target: Picture,
  across: Taps | null,
  down: Taps | null,
) {
  const [wide, narrow] = [width * 3, target.width * 3];
  const band = Math.max(1, Math.min(height, Math.floor(BAND_BYTES / wide)));
  const memory = layout([across ? band * wide : 0, height * narrow, target.height * narrow], [across, down]);
  const [bandStart = 0, rowsStart = 0, resultStart = 0] = memory.starts;
  const wasm = resampler(memory.bytes);
  const copy = (row: number, to: number): void => {
    const from = ((top + row) * stride + left) * 3;
    wasm.bytes.set(pixels.subarray(from, from + wide), to);
  };

  const rows: Rows = { start: rowsStart, stride: narrow };
  for (let first = 0; first < height; first += band) {
    const count = Math.min(band, height - first);
    for (let row = 0; row < count; row++)
      copy(first + row, across ? bandStart + row * wide : rowsStart + (first + row) * narrow);
    const narrowed = { start: rowsStart + first * narrow, stride: narrow };
    if (across) wasm.across(count, { start: bandStart, stride: wide }, narrowed, across, memory.taps);
  }
  const result = { start: down ? resultStart : rowsStart, stride: narrow };
  if (down) wasm.down(narrow, rows, result, down, memory.taps);
  target.pixels.set(wasm.bytes.subarray(result.start, result.start + target.height * narrow));
}

/** Resizes parts of images, and caches weights between calls. */
export function resizer(filter: ResizeFilter): (source: Part, target: Picture) => void {
  const known = new Map<number, Taps>();
  const taps = (from: number, to: number): Taps | null => {
    if (from === to) return null;
    const key = from * 2 ** 20 + to;
    const found = known.get(key) ?? tapsOf(from, to, filter);
    if (known.size >= MOST_TAPS) known.clear();
    known.set(key, found);
    return found;
  };
  return (source, target) =>
    resample(source, target, taps(source.width, target.width), taps(source.height, target.height));
}

/** Resize (height, width, 3) bytes. */
export function resize(picture: Picture, width: number, height: number, filter: ResizeFilter): Picture {
  const result = { width, height, pixels: new Uint8Array(width * height * 3) };
  resizer(filter)({ ...picture, stride: picture.width, left: 0, top: 0 }, result);
  return result;
}

/** Python's `round`: halves round to even. */
export const roundEven = (value: number): number => {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
};

/** The pixels `start` to `end` of a source's row or column, and the taps that make `side` outputs of them. */
type Stretch = { start: number; end: number; taps: Taps | null };

/** The `side` outputs at the centre of `to`. */
function centre(from: number, to: number, side: number, filter: ResizeFilter): Stretch {
  const first = roundEven((to - side) / 2);
  if (from === to) return { start: first, end: first + side, taps: null };
  const taps = tapsOf(from, to, filter, first, side);
  const start = taps.first[0]!;
  const end = taps.first[side - 1]! + taps.count[side - 1]!;
  for (let out = 0; out < side; out++) taps.first[out]! -= start;
  return { start, end, taps };
}

/**
 * Resize so that the shorter side is `shorter` (the longer is truncated to whole pixels), then crop the centre square of `side`
 * pixels: torchvision's Resize and CenterCrop. Only the pixels of the crop are computed, however long the longer side.
 * @param side at most `shorter`
 */
export function resizeAndCrop(picture: Picture, shorter: number, side: number, filter: ResizeFilter): Picture {
  const { width, height, pixels } = picture;
  const resized = (length: number): number => Math.trunc((shorter * length) / Math.min(width, height));
  const across = centre(width, resized(width), side, filter);
  const down = centre(height, resized(height), side, filter);
  const part = {
    pixels,
    stride: width,
    left: across.start,
    top: down.start,
    width: across.end - across.start,
    height: down.end - down.start,
  };
  const target = { width: side, height: side, pixels: new Uint8Array(side * side * 3) };
  resample(part, target, across.taps, down.taps);
  return target;
}
