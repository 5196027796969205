/** A heat map: a colour for each number of a matrix, with the number in the cell where there is room. */
import { INK } from './colors.ts';
import { cutText, element, image, textAt, textWidth } from './svg.ts';

type HeatMap = {
  title: string;
  rows: readonly string[];
  columns: readonly string[];
  /** (rows, columns); null for an empty cell. */
  values: readonly (readonly (number | null)[])[];
  /** Ends of the scale; default: those of the values. */
  range?: readonly [number, number];
  format?: (value: number) => string;
  width?: number;
};

/** From white to the first series' blue: dark enough for white text from the middle on, and in order without colour. */
const [LIGHT, DARK] = [
  [244, 247, 250],
  [0, 70, 124],
] as const;

const mixed = (share: number): string =>
  `rgb(${LIGHT.map((from, i) => Math.round(from + share * ((DARK[i] ?? 0) - from))).join(',')})`;

const TOP = 34;
const MIN_NUMBER_WIDTH = 34;

/** An SVG image of a matrix. */
export function heatMap(plot: HeatMap): string {
  const { title, rows, columns, values, width = 640, format = (value) => String(Number(value.toPrecision(3))) } = plot;
  const known = values.flat().filter((value) => value !== null);
  const [low, high] = plot.range ?? [
    known.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    known.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  ];
  const left = 20 + Math.min(width * 0.35, Math.max(0, ...rows.map((name) => textWidth(name))));
  const cell = Math.max(1, Math.min(96, (width - left - 12) / Math.max(1, columns.length)));
  const side = Math.min(cell, 34);
  const named = columns.some((name) => name !== '');
  const head = TOP + (named ? 18 : 0);
  const height = head + rows.length * side + 12;
  const share = (value: number) => (high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0);
  const cells = values.flatMap((row, i) =>
    row.map((value, j) => {
      const [x, y] = [left + j * cell, head + i * side];
      const box = element('rect', {
        x,
        y,
        width: cell - (cell > 8 ? 1 : 0),
        height: side - (side > 8 ? 1 : 0),
        fill: value === null ? '#ffffff' : mixed(share(value)),
        stroke: value === null ? INK.line : undefined,
      });
      if (value === null || cell < MIN_NUMBER_WIDTH) return box;
      const fill = share(value) > 0.45 ? '#ffffff' : INK.text;
      return (
        box + textAt(x + cell / 2, y + side / 2 + 4, cutText(format(value), cell), { fill, 'text-anchor': 'middle' })
      );
    }),
  );
  const ends = known.length === 0 ? 'no values' : `from ${format(low)} to ${format(high)}`;
  return image(
    { width: Math.min(width, left + columns.length * cell + 12), height, title, description: `${title}: ${ends}.` },
    ...(named
      ? columns.map((name, j) =>
          textAt(left + (j + 0.5) * cell, head - 6, cutText(name, cell), { 'text-anchor': 'middle' }),
        )
      : []),
    ...rows.map((name, i) =>
      textAt(left - 8, head + (i + 0.5) * side + 4, cutText(name, left - 16), { 'text-anchor': 'end' }),
    ),
    ...cells,
  );
}
