/** Grids of patches painted over pictures. */
import { resize } from '@ablate/data';
import { blend, type Grid, greyed, type Picture, paint, rangeOf } from '@ablate/models';

/** Share of the map in the blend. */
const OPACITY = 0.65;
/** Minimum side of a painted map in pixels. */
const MIN_SIDE = 160;

export const resized = (picture: Picture, width: number, height: number): Picture =>
  resize(picture, width, height, 'bicubic');

/** A grid over the grey picture, enlarged to whole patches. Signed grids are painted in two colours. */
export function overlay(picture: Picture, grid: Grid, { signed }: { signed: boolean }): Picture {
  const scale = Math.max(1, Math.ceil(picture.width / grid.columns), Math.ceil(MIN_SIDE / grid.columns));
  const palette = signed ? 'diverging' : 'sequential';
  const painted = paint(grid, { palette, range: rangeOf(grid.data, palette), scale });
  return blend(greyed(resized(picture, painted.width, painted.height)), painted, OPACITY);
}
