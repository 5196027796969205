/** Parallel coordinates: a line for each config through its values. Grey, except what the brushes keep. */
import { memo, type PointerEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Scroll } from '../../parts/scroll.tsx';
import { resolveColor } from '../colors.ts';
import { type Axis, axisOf, type Brush, type Brushes, type Dimension, HEIGHT } from './axes.ts';
import { heightsOf, paint, shuffled } from './paint.ts';
import css from './parallel.module.css';

/** Space above the axes for their names, and below for missing values. */
const TOP = 34;
const BOTTOM = 44;
const SIDE = 56;
const LEAST_GAP = 104;
/** Characters of a tick: the next axis is near. */
const TICK = 12;
const NAME = 16;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

export type ParallelProps = {
  dimensions: readonly Dimension[];
  lines: number;
  /** 1 for the lines that the brushes keep. */
  kept: Uint8Array;
  brushes: Brushes;
  /** `done` is false while the reader drags. */
  onBrush: (brushes: Brushes, done: boolean) => void;
  /** Keys of dimensions whose scale is not the one that they begin with. */
  flipped: ReadonlySet<string>;
  onFlip: (key: string) => void;
  /** What the plot shows, in a sentence. */
  label: string;
};

/** The width of an element, measured. */
function useWidth(): [React.RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const resized = new ResizeObserver(() => setWidth(element.clientWidth));
    resized.observe(element);
    setWidth(element.clientWidth);
    return () => resized.disconnect();
  }, []);
  return [box, width];
}

/** Changes when the colours of the page do. */
function useScheme(): boolean {
  const [dark, setDark] = useState(() => window.matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    const changed = () => setDark(scheme.matches);
    scheme.addEventListener('change', changed);
    return () => scheme.removeEventListener('change', changed);
  }, []);
  return dark;
}

const withBrush = (brushes: Brushes, key: string, brush: Brush | null): Brushes => {
  const next = new Map(brushes);
  if (brush === null) next.delete(key);
  else next.set(key, brush);
  return next;
};

type AxisProps = {
  axis: Axis;
  brush: Brush | undefined;
  onBrush: (key: string, brush: Brush | null, done: boolean) => void;
};

/** One axis: its name, ticks, brush, and where a reader drags one. */
const AxisView = memo(function AxisView({ axis, x, brush, onBrush }: AxisProps & { x: number }) {
  const from = useRef<number | null>(null);
  const within = (y: number) => Math.min(HEIGHT, Math.max(0, y));
  const [low, high] = brush && brush !== 'missing' ? [within(axis.at(brush.low)), within(axis.at(brush.high))] : [0, 0];
  const heightAt = (event: PointerEvent<SVGRectElement>) =>
    event.clientY - event.currentTarget.getBoundingClientRect().top;
  const drag = (event: PointerEvent<SVGRectElement>, done: boolean) => {
    if (from.current === null) return;
    const [a, b] = [axis.valueAt(from.current), axis.valueAt(heightAt(event))];
    const clicked = done && Math.abs(heightAt(event) - from.current) < 3;
    onBrush(axis.dimension.key, clicked ? null : { low: Math.min(a, b), high: Math.max(a, b) }, done);
    if (done) from.current = null;
  };
  return (
    <g transform={`translate(${x} ${TOP})`}>
      <line className={css.axis} y2={HEIGHT} />
      <text className={css.name} y={-14} textAnchor="middle">
        {cut(axis.dimension.title, NAME)}
        <title>{axis.dimension.title}</title>
      </text>
      {axis.ticks.map(({ y, text }) => (
        <g key={text} transform={`translate(0 ${y})`}>
          <line className={css.axis} x1={-4} />
          <text className={css.tick} x={-7} y={4} textAnchor="end">
            {cut(text, TICK)}
            {text.length > TICK && <title>{text}</title>}
          </text>
        </g>
      ))}
      {axis.missing && (
        <text className={css.tick} x={-7} y={axis.at(null) + 4} textAnchor="end">
          none
        </text>
      )}
      {brush && brush !== 'missing' && (
        <rect
          className={css.brush}
          x={-9}
          width={18}
          y={Math.min(low, high)}
          height={Math.max(2, Math.abs(high - low))}
        />
      )}
      {brush === 'missing' && <rect className={css.brush} x={-9} width={18} y={axis.at(null) - 8} height={16} />}
      <rect
        className={css.grip}
        x={-16}
        width={32}
        height={HEIGHT}
        data-axis={axis.dimension.key}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = heightAt(event);
        }}
        onPointerMove={(event) => drag(event, false)}
        onPointerUp={(event) => drag(event, true)}
        onPointerCancel={(event) => drag(event, true)}
      />
    </g>
  );
});

/** A bound of a brush as a field: a number, or one of the words. */
function Bound({
  axis,
  value,
  label,
  onChange,
}: {
  axis: Axis;
  value: number | undefined;
  label: string;
  onChange: (value: number | null) => void;
}) {
  const { labels } = axis.dimension;
  if (labels)
    return (
      <select
        aria-label={label}
        value={value === undefined ? '' : String(Math.round(value))}
        onChange={({ target }) => onChange(target.value === '' ? null : Number(target.value))}
      >
        <option value="">–</option>
        {labels.map((text, i) => (
          <option key={text} value={i}>
            {text}
          </option>
        ))}
      </select>
    );
  return (
    <input
      type="number"
      step="any"
      aria-label={label}
      value={value === undefined ? '' : Number(value.toPrecision(5))}
      onChange={({ target }) => onChange(target.value === '' ? null : target.valueAsNumber)}
    />
  );
}

/** The brush of one axis in fields, and its scale. */
const AxisFields = memo(function AxisFields({
  axis,
  brush,
  onBrush,
  onFlip,
}: AxisProps & { onFlip: (key: string) => void }) {
  const { key, title } = axis.dimension;
  const range = brush === 'missing' ? undefined : brush;
  const set = (changed: { low?: number | null; high?: number | null }) => {
    const low = changed.low === undefined ? range?.low : (changed.low ?? undefined);
    const high = changed.high === undefined ? range?.high : (changed.high ?? undefined);
    if (low === undefined && high === undefined) return onBrush(key, null, true);
    // A bound that is not given is the end of the axis.
    onBrush(key, { low: low ?? axis.valueAt(HEIGHT), high: high ?? axis.valueAt(0) }, true);
  };
  const [low, high] =
    axis.dimension.labels && range ? [Math.ceil(range.low), Math.floor(range.high)] : [range?.low, range?.high];
  return (
    <fieldset className={css.fields}>
      <legend>{title}</legend>
      <Bound axis={axis} value={low} label={`${title}: least`} onChange={(value) => set({ low: value })} />
      <span aria-hidden="true">to</span>
      <Bound axis={axis} value={high} label={`${title}: greatest`} onChange={(value) => set({ high: value })} />
      {axis.loggable && (
        <button type="button" aria-pressed={axis.log} onClick={() => onFlip(key)}>
          log
        </button>
      )}
      {axis.missing && (
        <button
          type="button"
          aria-pressed={brush === 'missing'}
          onClick={() => onBrush(key, brush === 'missing' ? null : 'missing', true)}
        >
          none
        </button>
      )}
    </fieldset>
  );
});

export function Parallel({ dimensions, lines, kept, brushes, onBrush, flipped, onFlip, label }: ParallelProps) {
  const [box, available] = useWidth();
  const dark = useScheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours change with the scheme
  const colors = useMemo(
    () => ({ grey: resolveColor('var(--line-strong)'), kept: resolveColor('var(--accent)') }),
    [dark],
  );
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const axes = useMemo(
    () => dimensions.map((dimension) => axisOf(dimension, dimension.decades !== flipped.has(dimension.key))),
    [dimensions, flipped],
  );
  const width = Math.max(available, 2 * SIDE + (axes.length - 1) * LEAST_GAP);
  const height = TOP + HEIGHT + BOTTOM;
  const xs = useMemo(
    () => axes.map((_, i) => SIDE + 20 + (i * (width - 2 * SIDE - 20)) / Math.max(1, axes.length - 1)),
    [axes, width],
  );
  const order = useMemo(() => shuffled(lines), [lines]);
  const heights = useMemo(() => heightsOf(axes, lines), [axes, lines]);
  const brushed = brushes.size > 0;
  // The axes are not drawn again when the brush of another one changes.
  const latest = useRef({ brushes, onBrush });
  useLayoutEffect(() => {
    latest.current = { brushes, onBrush };
  });
  const set = useCallback((key: string, brush: Brush | null, done: boolean) => {
    const { brushes: before, onBrush: tell } = latest.current;
    tell(withBrush(before, key, brush), done);
  }, []);
  useEffect(() => {
    if (!below.current || available === 0) return;
    const size = { width, height, top: TOP };
    const all = new Uint8Array(lines).fill(1);
    const alpha = Math.max(0.06, Math.min(0.7, 60 / lines));
    return paint({ canvas: below.current, size, xs, heights, order, kept: all, color: colors.grey, alpha });
  }, [available, width, height, xs, heights, order, lines, colors]);
  useEffect(() => {
    if (!above.current || available === 0) return;
    const size = { width, height, top: TOP };
    // Without a brush nothing stands out.
    const shown = brushed ? kept : new Uint8Array(lines);
    const count = shown.reduce((sum, one) => sum + one, 0);
    const alpha = Math.max(0.12, Math.min(0.9, 120 / Math.max(1, count)));
    return paint({ canvas: above.current, size, xs, heights, order, kept: shown, color: colors.kept, alpha });
  }, [available, width, height, xs, heights, order, lines, kept, brushed, colors]);
  return (
    <>
      <Scroll ref={box} label="Axes" className={css.scroll}>
        <div className={css.plot} style={{ width, height }}>
          <canvas ref={below} className={css.canvas} data-faded={brushed || undefined} role="img" aria-label={label} />
          <canvas ref={above} className={css.canvas} />
          <svg className={css.axes} width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
            {axes.map((axis, i) => (
              <AxisView
                key={axis.dimension.key}
                axis={axis}
                x={xs[i] ?? 0}
                brush={brushes.get(axis.dimension.key)}
                onBrush={set}
              />
            ))}
          </svg>
        </div>
      </Scroll>
      <p className={css.help}>Drag along an axis to keep a range, click to let go; or write it here.</p>
      <div className={css.all}>
        {axes.map((axis) => (
          <AxisFields
            key={axis.dimension.key}
            axis={axis}
            brush={brushes.get(axis.dimension.key)}
            onBrush={set}
            onFlip={onFlip}
          />
        ))}
      </div>
    </>
  );
}
