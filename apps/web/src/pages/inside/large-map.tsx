import { type KeyboardEvent, type MouseEvent, type PointerEvent, useMemo, useState } from 'react';
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

/**
 * One map over its picture, enlarged. The patch under the pointer, or chosen with arrows, is read out; if it is known where patches look, the
 * map is that patch's. A click keeps a patch.
 */
export function LargeMap({
  title,
  grid: ofModel,
  image,
  pictures,
  signed,
  lookOf,
  kept,
  keep,
}: {
  title: string;
  grid: Grid;
  image: number;
  pictures: Pictures;
  signed: boolean;
  /** Where a patch looks, if that is known. */
  lookOf: ((patch: number) => Grid | null) | null;
  kept: number | null;
  keep: (patch: number | null) => void;
}) {
  const [pointed, setPointed] = useState<number | null>(null);
  const patch = pointed ?? (kept !== null && kept < ofModel.data.length ? kept : null);
  const ofPatch = useMemo(() => (patch === null || !lookOf ? null : lookOf(patch)), [patch, lookOf]);
  const grid = ofPatch ?? ofModel;
  const scale = useMemo(() => scaleOf([grid], signed), [grid, signed]);
  const painting = useMemo(() => ({ image, grid, scale }), [image, grid, scale]);
  const { rows, columns, data } = grid;

  const read = (at: number) =>
    ofPatch
      ? `${placeOf(at, columns)} looks ${describeMap(ofPatch, signed)}`
      : `${placeOf(at, columns)}: ${shareOf(data[at] ?? 0, signed)}`;
  const shown = ofPatch && patch !== null ? `${title}: where ${placeOf(patch, columns)} looks` : title;
  const patchAt = ({ currentTarget, clientX, clientY }: PointerEvent | MouseEvent) => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    const row = Math.min(rows - 1, Math.max(0, Math.floor(((clientY - top) / height) * rows)));
    const column = Math.min(columns - 1, Math.max(0, Math.floor(((clientX - left) / width) * columns)));
    return row * columns + column;
  };
  const move = (event: KeyboardEvent) => {
    if (event.key === 'Escape') keep(null);
    const to = MOVES[event.key]?.(patch ?? 0, columns);
    if (to === undefined) return;
    event.preventDefault();
    setPointed(null);
    if (to >= 0 && to < rows * columns) keep(to);
  };

  return (
    <figure className={css.large}>
      <figcaption>{shown}</figcaption>
      <div className={css.map}>
        <MapCanvas painting={painting} pictures={pictures} label={`${shown}: ${describeMap(grid, signed)}`} />
        <div
          role="slider"
          aria-label="Patch"
          aria-valuemin={1}
          aria-valuemax={data.length}
          aria-valuenow={(patch ?? 0) + 1}
          aria-valuetext={patch === null ? 'none' : read(patch)}
          tabIndex={0}
          className={css.patches}
          onPointerMove={(event) => setPointed(patchAt(event))}
          onPointerLeave={() => setPointed(null)}
          onClick={(event) => keep(patchAt(event) === kept ? null : patchAt(event))}
          onKeyDown={move}
        >
          <svg viewBox={`0 0 ${columns} ${rows}`} aria-hidden="true">
            {patch !== null && (
              <rect x={patch % columns} y={Math.floor(patch / columns)} width="1" height="1" className={css.mark} />
            )}
          </svg>
        </div>
      </div>
      <Legend scale={scale} text={(value) => shareOf(value, signed)} />
      <p className={css.reading}>{patch === null ? describeMap(grid, signed) : read(patch)}</p>
    </figure>
  );
}
