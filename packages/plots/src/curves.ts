/** Curves with bands, such as a loss over epochs with the range over seeds. */
import { INK, seriesColor, seriesDash } from './colors.ts';
import { extent, linear, type Scale, tickFormat } from './scale.ts';
import { cutText, element, image, textAt, textWidth } from './svg.ts';

type PlottedCurve = {
  name: string;
  /** Chooses the colour and the mark; default: the position in the list. */
  position?: number;
  dashed?: boolean;
  /** Whether the legend leaves it out: the title says what it is. */
  unlisted?: boolean;
  /** By x. A point without y is a gap; `low` and `high` are the edges of the band. */
  points: readonly { x: number; y: number | null; low?: number | null; high?: number | null }[];
};

type CurvesPlot = {
  title: string;
  xLabel: string;
  yLabel: string;
  curves: readonly PlottedCurve[];
  width?: number;
  /** Height of the plot without its legend. */
  height?: number;
  formatX?: (value: number) => string;
  /** Values in words; ticks have the digits that they need. */
  formatY?: (value: number) => string;
  /** The unit of the ticks of y: 100 for shares in percent. */
  factor?: number;
};

type Drawn = { x: number; y: number; low: number; high: number };
type Axes = { x: Scale; y: Scale };

const LEGEND_ROW = 18;
/** With more points than this the marks would cover the curve: only some points have one. */
const MOST_MARKS = 12;

/** Marks tell curves apart in print: one shape for each colour. */
const MARKS: readonly string[] = [
  'M0-3.4a3.4 3.4 0 1 0 .01 0Z',
  'M-3-3H3V3H-3Z',
  'M0-4 4 3H-4Z',
  'M0-4.4 4 0 0 4.4-4 0Z',
  'M0 4 4-3H-4Z',
  'M-1.3-4H1.3V-1.3H4V1.3H1.3V4H-1.3V1.3H-4V-1.3H-1.3Z',
  'M-4-1.6H4V1.6H-4Z',
  'M-1.6-4H1.6V4H-1.6Z',
];

const dash = ({ dashed }: PlottedCurve, position: number): string | undefined =>
  dashed ? '6 4' : seriesDash(position).join(' ') || undefined;

/** The known points in runs without gaps. */
function segments(points: PlottedCurve['points']): Drawn[][] {
  const found: Drawn[][] = [[]];
  for (const { x, y, low, high } of points) {
    if (y === null || !Number.isFinite(y) || !Number.isFinite(x)) found.push([]);
    else found.at(-1)?.push({ x, y, low: finite(low) ?? y, high: finite(high) ?? y });
  }
  return found.filter(({ length }) => length > 0);
}

const finite = (value: number | null | undefined): number | undefined =>
  value === null || value === undefined || !Number.isFinite(value) ? undefined : value;

const path = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(2)} ${y.toFixed(2)}`).join('');

function drawn(curve: PlottedCurve, index: number, { x, y }: Axes): string {
  const position = curve.position ?? index;
  const color = seriesColor(position);
  const parts = segments(curve.points);
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  const every = Math.ceil(total / MOST_MARKS);
  const bands = parts
    .filter((part) => part.some(({ low, high }) => high > low))
    .map((part) => {
      const upper = part.map((point) => [x.at(point.x), y.at(point.high)] as const);
      const lower = part.toReversed().map((point) => [x.at(point.x), y.at(point.low)] as const);
      return element('path', { d: `${path([...upper, ...lower])}Z`, fill: color, 'fill-opacity': 0.14 });
    });
  const lines = parts.map((part) =>
    element('path', {
      d: path(part.map((point) => [x.at(point.x), y.at(point.y)] as const)),
      fill: 'none',
      stroke: color,
      'stroke-width': 1.8,
      'stroke-linejoin': 'round',
      'stroke-dasharray': dash(curve, position),
    }),
  );
  const all = parts.flat();
  const marks = all
    .filter((_, i) => i % every === every - 1 || i === all.length - 1)
    .map((point) => mark(position, x.at(point.x), y.at(point.y)));
  return [...bands, ...lines, ...marks].join('');
}

const mark = (position: number, x: number, y: number): string =>
  element('path', {
    d: MARKS[position % MARKS.length],
    transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`,
    fill: seriesColor(position),
  });

/** The legend below the plot, in as many columns as fit. */
function legend(plot: CurvesPlot, width: number, top: number): { svg: string; height: number } {
  const curves = plot.curves
    .map((curve, i) => ({ ...curve, position: curve.position ?? i }))
    .filter(({ unlisted }) => !unlisted);
  const names = curves.map(({ name }) => cutText(name, width - 60));
  const widest = Math.max(0, ...names.map((name) => textWidth(name))) + 52;
  const columns = Math.max(1, Math.min(curves.length, Math.floor((width - 24) / widest)));
  const rows = Math.ceil(curves.length / columns);
  const items = curves.map((curve, i) => {
    const { position } = curve;
    const x = 12 + Math.floor(i / rows) * widest;
    const y = top + 12 + (i % rows) * LEGEND_ROW;
    return [
      element('path', {
        d: `M${x.toFixed(2)} ${y}h26`,
        stroke: seriesColor(position),
        'stroke-width': 1.8,
        'stroke-dasharray': dash(curve, position),
      }),
      mark(position, x + 13, y),
      textAt(x + 34, y + 4, names[i] ?? '', { fill: INK.text }),
    ].join('');
  });
  return { svg: items.join(''), height: rows * LEGEND_ROW + 12 };
}

/** The scale of x. Epochs, steps and samples are whole, so their ticks are. */
function abscissa(xs: readonly number[], range: readonly [number, number]): Scale {
  const only = new Set(xs).size === 1 ? 1 : 0; // a single x stands in the middle
  const [low, high] = extent(xs, 0);
  const scale = linear([low - only, high + only], range, Math.max(2, Math.floor((range[1] - range[0]) / 90)));
  if (xs.length === 0 || !xs.every(Number.isInteger)) return scale;
  const ticks = only === 1 ? xs.slice(0, 1) : scale.ticks.filter(Number.isInteger);
  return { ...scale, ticks, format: tickFormat(ticks) };
}

/** What the plot shows, in a sentence. */
function description({ curves, xLabel, yLabel }: CurvesPlot, formatY: (value: number) => string): string {
  const each = curves.map(({ name, points }) => {
    const known = points.flatMap(({ y }) => finite(y) ?? []);
    const [first, last] = [known[0], known.at(-1)];
    return first === undefined || last === undefined
      ? `${name}: no points`
      : `${name} from ${formatY(first)} to ${formatY(last)}`;
  });
  return `${yLabel} over ${xLabel}. ${each.join('; ')}.`;
}

/** An SVG image of curves, with the band of each, a legend, and a description for screen readers. */
export function curves(plot: CurvesPlot): string {
  const { width = 640, height = 300, title, xLabel, yLabel } = plot;
  const points = plot.curves.flatMap((curve) => segments(curve.points).flat());
  const xs = points.map((point) => point.x);
  const domain = extent(
    points.flatMap(({ y, low, high }) => [y, low, high]),
    0.04,
  );
  const box = { top: 44, bottom: height - 44, right: width - 16 };
  const y = linear(domain, [box.bottom, box.top], 7);
  const formatY = plot.formatY ?? y.format;
  const tickY = tickFormat(y.ticks, plot.factor);
  const left = 24 + Math.max(...y.ticks.map((tick) => textWidth(tickY(tick))), 20);
  const x = abscissa(xs, [left, box.right]);
  const formatX = plot.formatX ?? x.format;
  const below = legend(plot, width, height);
  const grid = [
    ...y.ticks.map((tick) =>
      [
        element('path', { d: `M${left.toFixed(2)} ${y.at(tick).toFixed(2)}H${box.right}`, stroke: INK.line }),
        textAt(left - 8, y.at(tick) + 4, tickY(tick), { 'text-anchor': 'end' }),
      ].join(''),
    ),
    element('path', { d: `M${left.toFixed(2)} ${box.bottom}H${box.right}`, stroke: INK.lineStrong }),
    ...x.ticks.map((tick) =>
      [
        element('path', { d: `M${x.at(tick).toFixed(2)} ${box.bottom}v4`, stroke: INK.lineStrong }),
        textAt(x.at(tick), box.bottom + 18, formatX(tick), { 'text-anchor': 'middle' }),
      ].join(''),
    ),
    textAt((left + box.right) / 2, height - 8, xLabel, { 'text-anchor': 'middle' }),
    textAt(12, 37, cutText(yLabel, width - 24)),
  ];
  return image(
    { width, height: height + below.height, title, description: description(plot, formatY) },
    ...grid,
    ...(points.length === 0
      ? [textAt((left + box.right) / 2, height / 2, 'no points yet', { 'text-anchor': 'middle' })]
      : []),
    ...plot.curves.map((curve, i) => drawn(curve, i, { x, y })),
    below.svg,
  );
}
