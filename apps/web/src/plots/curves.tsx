/** Curves over steps, epochs, samples or time: uPlot on a canvas, in words for a screen reader, and as a table. */
import { tickFormat } from '@ablate/plots';
import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { Scroll } from '../parts/scroll.tsx';
import { resolveColor } from './colors.ts';
import css from './curves.module.css';

export type Curve = {
  name: string;
  color: string;
  /** Lengths of dashes and gaps; none for a solid line. */
  dash?: readonly number[];
  points: readonly { x: number; y: number | null; low?: number | null; high?: number | null; n?: number }[];
};

export type CurvesProps = {
  title: string;
  xLabel: string;
  yLabel: string;
  curves: readonly Curve[];
  height?: number;
  format?: (value: number) => string;
  /** The unit of the ticks of y: 100 for shares in percent. */
  factor?: number;
};

/** Distances of ticks on x: epochs, steps and samples are whole. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7, 1e8];

/** All curves on the union of their x: uPlot wants one column of x. */
function columns(curves: readonly Curve[]): { data: uPlot.AlignedData; banded: boolean } {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const at = new Map(xs.map((x, i) => [x, i]));
  const banded = curves.some(({ points }) => points.some(({ low }) => low !== undefined));
  const column = (curve: Curve, pick: (point: Curve['points'][number]) => number | null | undefined) => {
    const values: (number | null | undefined)[] = new Array(xs.length).fill(undefined);
    for (const point of curve.points) values[at.get(point.x) ?? 0] = pick(point);
    return values;
  };
  const series = curves.flatMap((curve) => [
    column(curve, ({ y }) => y),
    ...(banded ? [column(curve, ({ low }) => low), column(curve, ({ high }) => high)] : []),
  ]);
  return { data: [xs, ...series], banded };
}

const translucent = (color: string, alpha: number): string =>
  color.startsWith('rgb(') ? color.replace('rgb(', 'rgba(').replace(')', `, ${alpha})`) : color;

function options(props: CurvesProps, banded: boolean, width: number): uPlot.Options {
  const { curves, xLabel, yLabel, height = 260, format = (value: number) => String(value), factor } = props;
  const text = resolveColor('var(--text-2)');
  const grid = { stroke: resolveColor('var(--line)'), width: 1 };
  const axis = {
    stroke: text,
    grid,
    ticks: grid,
    font: '12px system-ui, sans-serif',
    labelFont: '12px system-ui, sans-serif',
    labelSize: 20,
  };
  const wide = banded ? 3 : 1;
  return {
    width,
    height,
    scales: { x: { time: false } },
    cursor: { drag: { x: true, y: false } },
    legend: {
      live: true,
      markers: { width: 3, dash: (u, i) => ((u.series[i]?.dash?.length ?? 0) > 0 ? 'dotted' : 'solid') },
    },
    axes: [
      { ...axis, label: xLabel, incrs: WHOLE },
      { ...axis, label: yLabel, size: 64, values: (_, ticks) => ticks.map(tickFormat(ticks, factor)) },
    ],
    series: [
      { label: xLabel, value: (_, raw) => (raw === null ? '' : String(raw)) },
      ...curves.flatMap(({ name, color, dash = [] }): uPlot.Series[] => {
        const stroke = resolveColor(color);
        const value = (_: uPlot, raw: number | null) => (raw === null || raw === undefined ? '' : format(raw));
        const line: uPlot.Series = {
          label: name,
          stroke,
          width: 2,
          value,
          spanGaps: true,
          ...(dash.length > 0 ? { dash: [...dash] } : {}),
        };
        const edge: uPlot.Series = {
          label: `${name}, edge of the band`,
          stroke: 'transparent',
          value,
          points: { show: false },
          spanGaps: true,
        };
        return banded ? [line, edge, edge] : [line];
      }),
    ],
    bands: banded
      ? curves.map(({ color }, i) => ({
          series: [i * wide + 3, i * wide + 2] as [number, number],
          fill: translucent(resolveColor(color), 0.16),
        }))
      : [],
  };
}

/** One sentence for readers who do not see the canvas. */
function sentence({ curves, xLabel, yLabel, format = String }: CurvesProps): string {
  const parts = curves.flatMap(({ name, points }) => {
    const known = points.filter(({ y }) => y !== null);
    const [first, last] = [known[0], known.at(-1)];
    return first && last ? [`${name} from ${format(first.y ?? 0)} to ${format(last.y ?? 0)}`] : [];
  });
  return `${yLabel} over ${xLabel}: ${parts.join('; ') || 'no points yet'}`;
}

function CurvesTable({ curves, xLabel, format = String }: CurvesProps) {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  return (
    <Scroll label="Values of the curves" className={css.table}>
      <table>
        <thead>
          <tr>
            <th scope="col">{xLabel}</th>
            {curves.map(({ name }) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {xs.map((x) => (
            <tr key={x}>
              <th scope="row">{x}</th>
              {curves.map(({ name, points }) => {
                const y = points.find((point) => point.x === x)?.y;
                return <td key={name}>{y === undefined || y === null ? '–' : format(y)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

export function Curves(props: CurvesProps) {
  const box = useRef<HTMLDivElement>(null);
  const [asTable, setAsTable] = useState(false);
  const { title, xLabel, yLabel, curves, height, format, factor } = props;
  useEffect(() => {
    const element = box.current;
    if (asTable || !element) return;
    const drawn = { title, xLabel, yLabel, curves, height, format, factor };
    const { data, banded } = columns(curves);
    element.toggleAttribute('data-banded', banded);
    const draw = () => new uPlot(options(drawn, banded, Math.max(240, element.clientWidth)), data, element);
    let plot = draw();
    const resized = new ResizeObserver(() =>
      plot.setSize({ width: Math.max(240, element.clientWidth), height: height ?? 260 }),
    );
    resized.observe(element);
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    const recolor = () => {
      plot.destroy();
      plot = draw();
    };
    scheme.addEventListener('change', recolor);
    return () => {
      scheme.removeEventListener('change', recolor);
      resized.disconnect();
      plot.destroy();
    };
  }, [title, xLabel, yLabel, curves, height, format, factor, asTable]);
  return (
    <figure className={css.figure}>
      <figcaption className={css.caption}>
        <h3>{props.title}</h3>
        <button type="button" className={css.toggle} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Show as plot' : 'Show as table'}
        </button>
      </figcaption>
      {asTable ? (
        <CurvesTable {...props} />
      ) : (
        <div ref={box} role="img" aria-label={sentence(props)} className={css.plot} />
      )}
    </figure>
  );
}
