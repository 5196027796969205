/** How a config looks on every page: a colour, and from the ninth on another shape, by its position in the sweep. */
import { SERIES } from '@ablate/plots';
import { seriesColor } from './colors.ts';
import css from './series-mark.module.css';

/** Shapes around 0, about 10 wide: one for each time that the palette is used up. */
const SHAPES: readonly string[] = [
  'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z',
  'M-4.5-4.5H4.5V4.5H-4.5Z',
  'M0-5.6 5.4 4H-5.4Z',
  'M0-6 6 0 0 6-6 0Z',
];

export const seriesShape = (position: number): string =>
  SHAPES[Math.floor(position / SERIES.length) % SHAPES.length] ?? '';

/** The mark of a config before its name. */
export function SeriesMark({ position }: { position: number }) {
  return (
    <svg className={css.mark} viewBox="-6 -6 12 12" width="9" height="9" aria-hidden="true">
      <path d={seriesShape(position)} fill={seriesColor(position)} />
    </svg>
  );
}
