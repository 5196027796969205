/** Parallel coordinates: an axis for each quantity, a line for each config through its values. */
import { INK, SERIES } from './colors.ts';
import { cutText, element, image, textAt } from './svg.ts';

export type ParallelPlot = {
  title: string;
  axes: readonly { title: string; ticks: readonly { y: number; text: string }[] }[];
  /** Heights of each line on each axis, in the unit of the ticks; below `height` for a missing value. */
  lines: readonly (readonly number[])[];
  /** Whether a line stands out; without one that does, none is faded. */
  kept: readonly boolean[];
  /** Height of the axes. */
  height: number;
  width?: number;
};

const TOP = 70;
const BOTTOM = 48;
const SIDE = 64;
const HALO = { 'paint-order': 'stroke', stroke: '#ffffff', 'stroke-width': 4 };

/** An SVG image; the lines that stand out are drawn last. */
export function parallel({ title, axes, lines, kept, height, width = 860 }: ParallelPlot): string {
  const wide = Math.max(width, 2 * SIDE + (axes.length - 1) * 110);
  const xs = axes.map((_, i) => SIDE + 20 + (i * (wide - 2 * SIDE - 20)) / Math.max(1, axes.length - 1));
  const chosen = kept.filter(Boolean).length;
  const draw = (line: readonly number[], color: string, opacity: number): string =>
    element('path', {
      d: line.map((y, i) => `${i === 0 ? 'M' : 'L'}${(xs[i] ?? 0).toFixed(1)} ${(TOP + y).toFixed(1)}`).join(''),
      fill: 'none',
      stroke: color,
      'stroke-opacity': opacity,
    });
  const fade = Math.max(0.06, Math.min(0.7, 60 / Math.max(1, lines.length)));
  return image(
    {
      width: wide,
      height: TOP + height + BOTTOM,
      title,
      description: `${lines.length} lines over ${axes.map((axis) => axis.title).join(', ')}${chosen < lines.length ? `; ${chosen} stand out` : ''}.`,
    },
    ...lines.flatMap((line, i) => (kept[i] && chosen < lines.length ? [] : [draw(line, INK.lineStrong, fade)])),
    ...(chosen < lines.length
      ? lines.flatMap((line, i) => (kept[i] ? [draw(line, SERIES[0], Math.max(0.2, Math.min(0.9, 120 / chosen)))] : []))
      : []),
    ...axes.map((axis, i) => {
      const x = xs[i] ?? 0;
      return [
        element('path', { d: `M${x.toFixed(1)} ${TOP}v${height}`, stroke: INK.text2 }),
        textAt(x, TOP - 14, cutText(axis.title, 118), { 'text-anchor': 'middle', fill: INK.text }),
        ...axis.ticks.map(({ y, text }) =>
          [
            element('path', { d: `M${x.toFixed(1)} ${(TOP + y).toFixed(1)}h-4`, stroke: INK.text2 }),
            // A halo, so that lines do not cross the letters.
            textAt(x - 7, TOP + y + 4, cutText(text, 80), { 'text-anchor': 'end', ...HALO }),
          ].join(''),
        ),
      ].join('');
    }),
  );
}
