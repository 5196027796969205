/** Arrays as pictures. */
import type { Picture } from '@ablate/files/png';
import { type Palette, palette } from './palette.ts';

export type Grid = { rows: number; columns: number; data: Float32Array };

const blank = (width: number, height: number, shade = 255): Picture => ({
  width,
  height,
  pixels: new Uint8Array(width * height * 3).fill(shade),
});

export type Paint = {
  palette: Palette;
  /** Values that get the first and the last colour. */
  range: [low: number, high: number];
  /** Pixels a side of each value. */
  scale: number;
};

/** The range of a palette for these values: from least to most, or as far on either side of 0. */
export function rangeOf(data: Float32Array, name: Palette): [number, number] {
  const low = data.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = data.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (name === 'sequential') return [low, high];
  const most = Math.max(Math.abs(low), Math.abs(high));
  return [-most, most];
}

/** A grid of values as squares of colour. */
export function paint({ rows, columns, data }: Grid, { palette: name, range: [low, high], scale }: Paint): Picture {
  const colour = palette(name);
  const picture = blank(columns * scale, rows * scale);
  const span = high - low || 1;
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < picture.width; x++) {
      const value = data[Math.floor(y / scale) * columns + Math.floor(x / scale)] ?? 0;
      picture.pixels.set(colour((value - low) / span), (y * picture.width + x) * 3);
    }
  return picture;
}

/** Luminance only (Rec. 709), so that colour is free for an overlay. */
export function greyed({ width, height, pixels }: Picture): Picture {
  const out = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 3)
    out.fill(0.2126 * (pixels[at] ?? 0) + 0.7152 * (pixels[at + 1] ?? 0) + 0.0722 * (pixels[at + 2] ?? 0), at, at + 3);
  return { width, height, pixels: out };
}

/** Blend two pictures of equal size; `share` is the weight of `over`. */
export function blend(under: Picture, over: Picture, share: number): Picture {
  if (under.width !== over.width || under.height !== over.height)
    throw new Error(`pictures differ in size: ${under.width}×${under.height} and ${over.width}×${over.height}`);
  const pixels = under.pixels.map((value, at) => Math.round(value * (1 - share) + (over.pixels[at] ?? 0) * share));
  return { ...under, pixels };
}

/** Darken the part outside the mask. */
export function spotlight(under: Picture, mask: Grid, shade = 0.25): Picture {
  const pixels = under.pixels.map((value, at) => {
    const pixel = Math.floor(at / 3);
    const row = Math.floor((Math.floor(pixel / under.width) * mask.rows) / under.height);
    const column = Math.floor(((pixel % under.width) * mask.columns) / under.width);
    return mask.data[row * mask.columns + column] ? value : Math.round(value * shade);
  });
  return { ...under, pixels };
}

/** Pictures of equal size side by side, `columns` a row, on white. */
export function tile(pictures: readonly Picture[], { columns, gap = 2 }: { columns: number; gap?: number }): Picture {
  const [first] = pictures;
  if (!first) throw new Error('nothing to tile');
  const rows = Math.ceil(pictures.length / columns);
  const across = Math.min(columns, pictures.length);
  const out = blank(across * (first.width + gap) - gap, rows * (first.height + gap) - gap);
  for (const [index, { width, height, pixels }] of pictures.entries()) {
    const left = (index % columns) * (first.width + gap);
    const top = Math.floor(index / columns) * (first.height + gap);
    for (let y = 0; y < height; y++)
      out.pixels.set(pixels.subarray(y * width * 3, (y + 1) * width * 3), ((top + y) * out.width + left) * 3);
  }
  return out;
}
