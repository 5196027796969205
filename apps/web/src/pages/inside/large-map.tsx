import { type KeyboardEvent, type PointerEvent, useMemo, useState } from 'react';
import css from './inside.module.css';
import type { Grid, Pictures } from './inside-file.ts';
import { Legend } from './legend.tsx';
import { MapCanvas } from './map-canvas.tsx';
import { scaleOf } from './paint.ts';
import { describeMap, placeOf, shareOf } from './words.ts';

const MOVES: Readonly<Record<string, (at: number, columns: number) => number>> = {
  ArrowUp: (at, columns) => at - columns,
  ArrowDown: (at, columns) => at + columns,
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
};

/** One map over its picture, enlarged; the patch under the pointer, or chosen with arrows, is read out. */
export function LargeMap({
  title,
  grid,
  image,
  pictures,
  signed,
}: {
  title: string;
  grid: Grid;
  image: number;
  pictures: Pictures;
  signed: boolean;
}) {
  const [patch, setPatch] = useState<number | null>(null);
  const scale = useMemo(() => scaleOf([grid], signed), [grid, signed]);
  const painting = useMemo(() => ({ image, grid, scale }), [image, grid, scale]);
  const { rows, columns, data } = grid;

  const read = (at: number) => `${placeOf(at, columns)}: ${shareOf(data[at] ?? 0, signed)}`;
  const point = ({ currentTarget, clientX, clientY }: PointerEvent) => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    const row = Math.min(rows - 1, Math.max(0, Math.floor(((clientY - top) / height) * rows)));
    const column = Math.min(columns - 1, Math.max(0, Math.floor(((clientX - left) / width) * columns)));
    setPatch(row * columns + column);
  };
  const move = (event: KeyboardEvent) => {
    const to = MOVES[event.key]?.(patch ?? 0, columns);
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to < rows * columns) setPatch(to);
  };

  return (
    <figure className={css.large}>
      <figcaption>{title}</figcaption>
      <div className={css.map}>
        <MapCanvas painting={painting} pictures={pictures} label={`${title}: ${describeMap(grid, signed)}`} />
        <div
          role="slider"
          aria-label="Patch"
          aria-valuemin={1}
          aria-valuemax={data.length}
          aria-valuenow={(patch ?? 0) + 1}
          aria-valuetext={patch === null ? 'none' : read(patch)}
          tabIndex={0}
          className={css.patches}
          onPointerMove={point}
          onPointerLeave={() => setPatch(null)}
          onKeyDown={move}
        >
          <svg viewBox={`0 0 ${columns} ${rows}`} aria-hidden="true">
            {patch !== null && (
              <rect x={patch % columns} y={Math.floor(patch / columns)} width="1" height="1" className={css.mark} />
            )}
          </svg>
        </div>
      </div>
      <Legend scale={scale} />
      <p className={css.reading}>{patch === null ? describeMap(grid, signed) : read(patch)}</p>
    </figure>
  );
}
