/** Maps as pixels: over the grey picture, or alone. */
import { palette } from '@ablate/models/palette';
import type { Grid, Pictures } from './inside-file.ts';

/** Share of the map in the blend with the picture, as in `ablate attention`. */
const OPACITY = 0.65;

export type Scale = { low: number; high: number; signed: boolean };

/** Of a picture without a map. */
export const PLAIN: Scale = { low: 0, high: 1, signed: false };

const colours = { sequential: palette('sequential'), diverging: palette('diverging') };

/** From least to most, or as far on either side of 0 if the maps are signed. */
export function scaleOf(grids: readonly Grid[], signed: boolean): Scale {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { data } of grids)
    for (const value of data) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  if (!(low <= high)) return { low: 0, high: 1, signed };
  if (!signed) return { low, high, signed };
  const most = Math.max(Math.abs(low), Math.abs(high));
  return { low: -most, high: most, signed };
}

/** The colour of a value. */
export function colourOf(value: number, { low, high, signed }: Scale): readonly [number, number, number] {
  const span = high - low || 1;
  return colours[signed ? 'diverging' : 'sequential']((value - low) / span);
}

export type Painting = { image: number | null; grid: Grid | null; scale: Scale };

/** A square of `side` pixels: the image alone, its map over it in grey, or the map alone. */
export function paintMap(side: number, { image, grid, scale }: Painting, pictures: Pictures | null): ImageData {
  const out = new ImageData(side, side);
  const cells = grid ? Array.from(grid.data, (value) => colourOf(value, scale)) : [];
  const share = !grid ? 0 : image === null || !pictures ? 1 : OPACITY;
  const [size, source] = pictures ? [pictures.side, pictures.pixels] : [1, new Uint8ClampedArray(4)];
  const start = (image ?? 0) * size * size;
  const { data } = out;
  for (let y = 0; y < side; y++) {
    const row = grid ? Math.floor((y * grid.rows) / side) * grid.columns : 0;
    const line = start + Math.floor((y * size) / side) * size;
    for (let x = 0; x < side; x++) {
      const from = 4 * (line + Math.floor((x * size) / side));
      const to = 4 * (y * side + x);
      const [r, g, b] = [source[from] ?? 0, source[from + 1] ?? 0, source[from + 2] ?? 0];
      const cell = grid ? cells[row + Math.floor((x * grid.columns) / side)] : undefined;
      const grey = 0.2126 * r + 0.7152 * g + 0.0722 * b;
      data[to] = cell ? grey * (1 - share) + cell[0] * share : r;
      data[to + 1] = cell ? grey * (1 - share) + cell[1] * share : g;
      data[to + 2] = cell ? grey * (1 - share) + cell[2] * share : b;
      data[to + 3] = 255;
    }
  }
  return out;
}
