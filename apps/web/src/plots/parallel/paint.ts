/** Lines on a canvas, some in each frame, so that a page with 10,000 of them never stands still. After hiplot's parallel plot. */
import type { Axis } from './axes.ts';

/** Milliseconds of a frame that drawing may take. */
const FRAME_MS = 9;
/** Lines of the first frame, which is drawn at once; later ones have as many as the time allows. */
const FIRST = 250;
const FEWEST = 8;

/** The lines in an order without a pattern: what is drawn first shows the whole. The same for every drawing. */
export function shuffled(lines: number): Uint32Array {
  const order = Uint32Array.from({ length: lines }, (_, i) => i);
  let state = 0x9e3779b9;
  for (let i = lines - 1; i > 0; i--) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const j = (state >>> 0) % (i + 1);
    const other = order[j] ?? 0;
    order[j] = order[i] ?? 0;
    order[i] = other;
  }
  return order;
}

/** Heights of every line on every axis: `heights[axis][line]`. */
export const heightsOf = (axes: readonly Axis[], lines: number): Float32Array[] =>
  axes.map(({ at, dimension: { values } }) => {
    const heights = new Float32Array(lines);
    for (let i = 0; i < lines; i++) heights[i] = at(values[i] ?? null);
    return heights;
  });

export type Painting = {
  canvas: HTMLCanvasElement;
  /** Size in CSS pixels, and the offset of the axes within it. */
  size: { width: number; height: number; top: number };
  xs: readonly number[];
  heights: readonly Float32Array[];
  order: Uint32Array;
  /** 1 for the lines to draw. */
  kept: Uint8Array;
  color: string;
  alpha: number;
};

/** Clears the canvas and draws; the first lines at once. Returns how to stop. */
export function paint({ canvas, size, xs, heights, order, kept, color, alpha }: Painting): () => void {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  if (!context) return () => {};
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(ratio, 0, 0, ratio, 0, size.top * ratio);
  context.strokeStyle = color;
  context.globalAlpha = alpha;
  context.lineWidth = 1;
  let next = 0;
  const draw = (most: number): void => {
    for (let drawn = 0; drawn < most && next < order.length; next++) {
      const line = order[next] ?? 0;
      if (kept[line] !== 1) continue;
      context.beginPath();
      for (let axis = 0; axis < xs.length; axis++) context.lineTo(xs[axis] ?? 0, heights[axis]?.[line] ?? 0);
      context.stroke();
      drawn++;
    }
  };
  let batch = FIRST;
  let frame = 0;
  const step = (): void => {
    const begun = performance.now();
    draw(batch);
    const took = performance.now() - begun;
    batch = Math.max(FEWEST, Math.round(batch * Math.min(2, Math.max(0.5, FRAME_MS / Math.max(0.1, took)))));
    if (next < order.length) frame = requestAnimationFrame(step);
  };
  step();
  return () => cancelAnimationFrame(frame);
}
