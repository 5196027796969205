import { useEffect, useRef } from 'react';
import type { Pictures } from './inside-file.ts';
import { type Painting, paintMap } from './paint.ts';

/** Pixels a side of a canvas, at most: style sheets enlarge it without smoothing. */
const MAX_SIDE = 448;

/** The side of the canvas: whole patches and whole pixels, if that is not too large. */
const sideOf = (pictures: Pictures | null, columns: number, most: number): number =>
  Math.min(most, Math.max(pictures?.side ?? 1, columns) * (pictures && pictures.side % columns === 0 ? 1 : 4));

/** A map as a picture. With `label` it is one for screen readers, too; without, what is around it has the words. */
export function MapCanvas({
  painting,
  pictures,
  label,
  className,
  most = MAX_SIDE,
}: {
  painting: Painting;
  pictures: Pictures | null;
  label?: string;
  className?: string;
  /** Pixels a side, at most. */
  most?: number;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const side = sideOf(pictures, painting.grid?.columns ?? 1, most);
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(paintMap(side, painting, pictures), 0, 0);
  }, [painting, pictures, side]);
  const words = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label };
  return <canvas ref={canvas} width={side} height={side} className={className} {...words} />;
}
