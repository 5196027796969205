/** Grids of patches painted over pictures. */
import { resize } from '@ablate/data';
import { blend, type Grid, greyed, type Picture, paint, rangeOf } from '@ablate/models';

/** Share of the map in the blend. */
const OPACITY = 0.65;
/** Minimum side of a painted map in pixels. */
const MIN_SIDE = 160;

export const resized = (picture: Picture, width: number, height: number): Picture =>
  resize(picture, width, height, 'bicubic');

type Overlay = {
  signed: boolean;
  /** Minimum side in pixels. */
  side?: number;
};

/** A grid over the grey picture, enlarged to whole patches. Signed grids are painted in two colours. */
export function overlay(picture: Picture, grid: Grid, { signed, side = MIN_SIDE }: Overlay): Picture {
  const scale = Math.max(1, Math.ceil(picture.width / grid.columns), Math.ceil(side / grid.columns));
  const palette = signed ? 'diverging' : 'sequential';
  const painted = paint(grid, { palette, range: rangeOf(grid.data, palette), scale });
  return blend(greyed(resized(picture, painted.width, painted.height)), painted, OPACITY);
}

/** The picture with a frame around one cell of a grid. */
export function framed({ width, height, pixels }: Picture, { rows, columns }: Grid, cell: number): Picture {
  const [tall, wide] = [height / rows, width / columns];
  const top = Math.round(Math.floor(cell / columns) * tall);
  const left = Math.round((cell % columns) * wide);
  const [bottom, right] = [Math.round(top + tall) - 1, Math.round(left + wide) - 1];
  const out = pixels.slice();
  const mark = (y: number, x: number) => out.set([255, 60, 0], (y * width + x) * 3);
  for (const thick of [0, 1]) {
    for (let x = left; x <= right; x++) {
      mark(top + thick, x);
      mark(bottom - thick, x);
    }
    for (let y = top; y <= bottom; y++) {
      mark(y, left + thick);
      mark(y, right - thick);
    }
  }
  return { width, height, pixels: out };
}
