/** Changes by lookup table, as in Pillow's ImageOps: https://github.com/python-pillow/Pillow/blob/main/src/PIL/ImageOps.py */

/** 256 bytes for all channels, or 768: 256 per channel. */
type Table = Uint8Array | Uint8ClampedArray;

function lookUp(from: Uint8Array, to: Uint8Array, table: Table): void {
  for (let at = 0; at < from.length; at++) to[at] = table[from[at]!]!;
}

function lookUpChannels(from: Uint8Array, to: Uint8Array, table: Table): void {
  for (let at = 0; at < from.length; at += 3) {
    to[at] = table[from[at]!]!;
    to[at + 1] = table[256 + from[at + 1]!]!;
    to[at + 2] = table[512 + from[at + 2]!]!;
  }
}

// Scratch of one call.
const table = new Uint8Array(256);
const channelTable = new Uint8Array(3 * 256);
const histogram = new Uint32Array(3 * 256);

/** Invert values of `threshold` and above. */
export function solarize(from: Uint8Array, to: Uint8Array, threshold: number): void {
  for (let value = 0; value < 256; value++) table[value] = value < threshold ? value : 255 - value;
  lookUp(from, to, table);
}

/** timm's `solarize_add`: add `add` to values below 128. */
export function solarizeAdd(from: Uint8Array, to: Uint8Array, add: number): void {
  for (let value = 0; value < 256; value++) table[value] = value < 128 ? Math.min(255, value + add) : value;
  lookUp(from, to, table);
}

/** Keep the highest `bits` bits. */
export function posterize(from: Uint8Array, to: Uint8Array, bits: number): void {
  const mask = ~(2 ** (8 - bits) - 1);
  for (let at = 0; at < from.length; at++) to[at] = from[at]! & mask;
}

export function invert(from: Uint8Array, to: Uint8Array): void {
  for (let at = 0; at < from.length; at++) to[at] = 255 - from[at]!;
}

function countValues(pixels: Uint8Array): void {
  histogram.fill(0);
  for (let at = 0; at < pixels.length; at += 3) {
    histogram[pixels[at]!]!++;
    histogram[256 + pixels[at + 1]!]!++;
    histogram[512 + pixels[at + 2]!]!++;
  }
}

/** Stretch each channel so that its darkest value is 0 and its brightest 255. */
export function autocontrast(from: Uint8Array, to: Uint8Array): void {
  countValues(from);
  for (let start = 0; start < 768; start += 256) {
    let [low, high] = [0, 255];
    while (low < 255 && histogram[start + low] === 0) low++;
    while (high > 0 && histogram[start + high] === 0) high--;
    const scale = high > low ? 255 / (high - low) : 1;
    const offset = high > low ? -low * scale : 0;
    for (let value = 0; value < 256; value++)
      channelTable[start + value] = Math.max(0, Math.min(255, Math.trunc(value * scale + offset)));
  }
  lookUpChannels(from, to, channelTable);
}

/** Equalize the histogram of each channel. */
export function equalize(from: Uint8Array, to: Uint8Array): void {
  countValues(from);
  const pixels = from.length / 3;
  for (let start = 0; start < 768; start += 256) {
    let high = 255;
    while (histogram[start + high] === 0) high--;
    const step = Math.floor((pixels - histogram[start + high]!) / 255);
    let sum = step >> 1;
    for (let value = 0; value < 256; value++) {
      channelTable[start + value] = step === 0 ? value : Math.min(255, Math.floor(sum / step));
      sum += histogram[start + value]!;
    }
  }
  lookUpChannels(from, to, channelTable);
}

/**
 * One value of Pillow's `Image.blend(low, high, alpha)`, in 32-bit floats, truncated, and clipped to 0 to 255.
 * https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Blend.c
 */
export function blend(low: number, high: number, alpha: number): number {
  const value = Math.fround(low + Math.fround(alpha * (high - low)));
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
}

/** Away from black (factor above 1) or towards it. */
export function brightness(from: Uint8Array, to: Uint8Array, factor: number): void {
  blendTable(from, to, 0, factor);
}

/** Away from the image's mean grey or towards it. */
export function contrast(from: Uint8Array, to: Uint8Array, factor: number): void {
  let sum = 0;
  for (let at = 0; at < from.length; at += 3) sum += grey(from[at]!, from[at + 1]!, from[at + 2]!);
  blendTable(from, to, Math.trunc(sum / (from.length / 3) + 0.5), factor);
}

function blendTable(from: Uint8Array, to: Uint8Array, low: number, factor: number): void {
  const alpha = Math.fround(factor);
  for (let value = 0; value < 256; value++) table[value] = blend(low, value, alpha);
  lookUp(from, to, table);
}

/** ITU-R 601-2 luma in fixed point, as in Pillow's conversion to `L`. */
export const grey = (red: number, green: number, blue: number): number =>
  (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
