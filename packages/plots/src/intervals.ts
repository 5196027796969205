/** Differences from a baseline: a row for each config, with its interval, its mean, and a dot for each seed. */
import { INK, VERDICTS } from './colors.ts';
import { extent, linear, tickFormat } from './scale.ts';
import { cutText, element, image, textAt, textWidth } from './svg.ts';

/** How a row is marked: by a shape and a word, never by colour alone. */
type Mark = 'baseline' | 'better' | 'worse' | 'same' | 'noise' | 'none';

type IntervalRow = {
  name: string;
  mark: Mark;
  /** The mark in words, at the end of the row. */
  word: string;
  /** Null for a row without an estimate. */
  difference: number | null;
  interval: { low: number; high: number } | null;
  /** The difference of each seed. */
  dots: readonly number[];
};

type IntervalPlot = {
  title: string;
  /** What is on the axis, with its unit. */
  xLabel: string;
  rows: readonly IntervalRow[];
  /** Differences within ± margin count as the same: a band around zero. */
  margin?: number | null;
  width?: number;
  /** Values in words; ticks have the digits that they need. */
  format?: (value: number) => string;
  /** The unit of the ticks: 100 for shares in points. */
  factor?: number;
};

const ROW = 26;
const TOP = 36;

/** Shapes in a 12 × 12 box, as on the pages. */
const LOOKS: Readonly<Record<Mark, { path: string; filled: boolean; color: string }>> = {
  baseline: { path: 'M6 1 11 6 6 11 1 6Z', filled: true, color: INK.text },
  better: { path: 'M6 1 11 10.5H1Z', filled: true, color: VERDICTS.better },
  worse: { path: 'M6 11 1 1.5H11Z', filled: true, color: VERDICTS.worse },
  same: { path: 'M1 4H11M1 8H11', filled: false, color: VERDICTS.same },
  noise: { path: 'M6 1.5a4.5 4.5 0 1 0 .01 0Z', filled: false, color: VERDICTS.noise },
  none: { path: 'M2 2 10 10M10 2 2 10', filled: false, color: VERDICTS.noise },
};

function shape(mark: Mark, x: number, y: number): string {
  const { path, filled, color } = LOOKS[mark];
  return element('path', {
    d: path,
    transform: `translate(${(x - 6).toFixed(2)} ${(y - 6).toFixed(2)})`,
    fill: filled ? color : '#ffffff',
    stroke: color,
    'stroke-width': filled ? 0 : 1.6,
  });
}

/** An SVG image of differences on one axis with a zero line. */
export function intervals(plot: IntervalPlot): string {
  const { rows, title, xLabel, margin = null, width = 640 } = plot;
  const bottom = TOP + rows.length * ROW + 6;
  const height = bottom + 44;
  const longest = (texts: readonly string[], most: number) =>
    Math.min(most, Math.max(0, ...texts.map((text) => textWidth(text))));
  const names = longest(
    rows.map(({ name }) => name),
    width * 0.4,
  );
  const words = longest(
    rows.map(({ word }) => word),
    width * 0.28,
  );
  const [left, right] = [names + 28, width - words - 28];
  const values = rows.flatMap(({ difference, interval, dots }) => [
    0,
    ...(difference === null ? [] : [difference]),
    ...(interval === null ? [] : [interval.low, interval.high]),
    ...dots,
  ]);
  const x = linear(extent(values), [left, right], Math.max(2, Math.floor((right - left) / 45)));
  const format = plot.format ?? x.format;
  const tickX = tickFormat(x.ticks, plot.factor);
  const inside = (value: number) => Math.min(right, Math.max(left, x.at(value)));
  const band =
    margin === null
      ? []
      : [
          element('rect', {
            x: inside(-margin),
            y: TOP,
            width: Math.max(0, inside(margin) - inside(-margin)),
            height: bottom - TOP,
            fill: INK.line,
            'fill-opacity': 0.5,
          }),
        ];
  const axis = x.ticks.map((tick) =>
    [
      element('path', { d: `M${x.at(tick).toFixed(2)} ${TOP}V${bottom}`, stroke: INK.line }),
      textAt(x.at(tick), bottom + 16, tickX(tick), { 'text-anchor': 'middle' }),
    ].join(''),
  );
  const lines = rows.map(({ name, mark, word, difference, interval, dots }, i) => {
    const y = TOP + (i + 0.5) * ROW + 3;
    const { color } = LOOKS[mark];
    return [
      textAt(12, y + 4, cutText(name, names + 4), { fill: INK.text }),
      ...(interval === null
        ? []
        : [
            element('path', {
              d: `M${x.at(interval.low).toFixed(2)} ${y - 4}v8m0-4H${x.at(interval.high).toFixed(2)}m0-4v8`,
              stroke: color,
              'stroke-width': 1.8,
              fill: 'none',
            }),
          ]),
      ...dots.map((dot) => element('circle', { cx: x.at(dot), cy: y + 8, r: 2.2, fill: color, 'fill-opacity': 0.55 })),
      ...(difference === null ? [] : [shape(mark, x.at(difference), y)]),
      textAt(right + 16, y + 4, cutText(word, words + 6), { fill: color }),
    ].join('');
  });
  const said = rows.map(({ name, word, difference }) =>
    difference === null ? `${name}: ${word}` : `${name}: ${format(difference)}, ${word}`,
  );
  return image(
    { width, height, title, description: `${xLabel}. ${said.join('; ')}.` },
    ...band,
    ...axis,
    element('path', {
      d: `M${x.at(0).toFixed(2)} ${TOP}V${bottom}`,
      stroke: INK.text2,
      'stroke-width': 1.4,
    }),
    ...lines,
    textAt((left + right) / 2, bottom + 34, xLabel, { 'text-anchor': 'middle' }),
  );
}
