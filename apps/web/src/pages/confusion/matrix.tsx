import type { ConfusionView } from '@ablate/contracts';
import { type KeyboardEvent, type MouseEvent, memo, useMemo, useState } from 'react';
import { count, percent, points } from '../../format/number.ts';
import { Scroll } from '../../parts/scroll.tsx';
import css from './matrix.module.css';
import { type Cell, type Shares, sharesOf } from './shares.ts';

type At = { label: number; predicted: number };

/** Sides of a cell in pixels, from the most classes for which they fit. */
const SIZES = [
  { classes: 12, width: 66, height: 40, font: 12, right: 96, numbers: true },
  { classes: 24, width: 44, height: 34, font: 11, right: 90, numbers: true },
  { classes: 60, width: 18, height: 18, font: 11, right: 52, numbers: false },
  { classes: Number.POSITIVE_INFINITY, width: 10, height: 11, font: 9.5, right: 48, numbers: false },
];
type Size = (typeof SIZES)[number];

/** Pixels of a letter, by which the room for names is estimated. */
const LETTER = 0.62;
const LONGEST = 18;
/** Room for the names of the axes. */
const CORNER = 128;

const cut = (name: string): string => (name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name);

/** "cat taken for dog: 34 images, 3.40 % of cat", or the difference of two configs. */
function sentence(view: ConfusionView, shares: Shares, { label, predicted }: At): string {
  const [row, column] = [view.classes[label] ?? '', view.classes[predicted] ?? ''];
  const what = label === predicted ? `${row} recognised` : `${row} taken for ${column}`;
  const cell = shares.cells.find((one) => one.label === label && one.predicted === predicted);
  const [first = 0, second = 0] = cell?.n ?? [];
  if (shares.differs) return `${what}: ${points(cell?.value ?? 0)} points (${count(first)} and ${count(second)} times)`;
  return `${what}: ${count(first)} of ${count(shares.rows.get(label)?.n ?? 0)}, ${percent(cell?.value ?? 0)} %`;
}

const short = (value: number, differs: boolean): string =>
  differs ? points(value).replace(/(\.\d)\d$/, '$1') : (100 * value).toFixed(1);

type CellsProps = { view: ConfusionView; shares: Shares; size: Size; left: number; top: number };

/** The cells and names: drawn once, while the pointer moves. */
const Cells = memo(function Cells({ view, shares, size, left, top }: CellsProps) {
  const { cells, classes, differs, rows } = shares;
  const at = new Map(classes.map((index, i) => [index, i]));
  const most = differs ? Math.max(0.001, ...cells.map(({ value }) => Math.abs(value))) : 1;
  const look = ({ label, predicted, value }: Cell) =>
    differs ? (value >= 0 ? css.more : css.less) : label === predicted ? css.right : css.wrong;
  return (
    <>
      {classes.map((index, i) => (
        <g key={index} style={{ fontSize: size.font }}>
          <text x={left - 6} y={top + (i + 0.5) * size.height + size.font / 3} textAnchor="end">
            {cut(view.classes[index] ?? '')}
            <title>{view.classes[index]}</title>
          </text>
          <text
            transform={`translate(${left + (i + 0.5) * size.width + size.font / 3} ${top - 6}) rotate(-90)`}
            textAnchor="start"
          >
            {cut(view.classes[index] ?? '')}
          </text>
          {!differs && (
            <text
              className={css.accuracy}
              x={left + classes.length * size.width + 8}
              y={top + (i + 0.5) * size.height + size.font / 3}
            >
              {(100 * (rows.get(index)?.right ?? 0)).toFixed(1)} %
              {size.numbers && ` of ${count(rows.get(index)?.n ?? 0)}`}
            </text>
          )}
        </g>
      ))}
      {cells.map((cell) => {
        const share = Math.abs(cell.value) / most;
        return (
          <g
            key={`${cell.label} ${cell.predicted}`}
            transform={`translate(${left + (at.get(cell.predicted) ?? 0) * size.width} ${top + (at.get(cell.label) ?? 0) * size.height})`}
          >
            <rect
              className={look(cell)}
              width={size.width - 1}
              height={size.height - 1}
              fillOpacity={share === 0 ? 0 : 0.1 + 0.62 * Math.sqrt(share)}
            />
            {size.numbers && (
              <>
                <text className={css.share} x={size.width / 2} y={size.height / 2 - 1} textAnchor="middle">
                  {short(cell.value, differs)}
                </text>
                <text className={css.count} x={size.width / 2} y={size.height / 2 + 12} textAnchor="middle">
                  {differs ? cell.n.map(count).join(' / ') : count(cell.n[0] ?? 0)}
                </text>
              </>
            )}
          </g>
        );
      })}
    </>
  );
});

const MOVES: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

type Props = { view: ConfusionView; cell: At | null; open: (cell: At) => void };

/** The matrix. A pointer or the arrow keys choose a cell, a click or Enter opens it. */
export function Matrix({ view, cell, open }: Props) {
  const shares = useMemo(() => sharesOf(view), [view]);
  const { classes } = shares;
  const [hovered, setHovered] = useState<At | null>(null);
  const size = SIZES.find((one) => classes.length <= one.classes) ?? SIZES[0];
  if (!size) return null;
  const longest = Math.max(0, ...classes.map((index) => cut(view.classes[index] ?? '').length));
  const names = Math.ceil(longest * size.font * LETTER) + 12;
  const [left, top] = [Math.max(CORNER, names), Math.max(40, names)];
  const width = left + classes.length * size.width + (shares.differs ? 8 : size.right);
  const height = top + classes.length * size.height + 8;
  const under = ({ currentTarget, clientX, clientY }: MouseEvent<SVGSVGElement>): At | null => {
    const box = currentTarget.getBoundingClientRect();
    const column = Math.floor((clientX - box.left - left) / size.width);
    const row = Math.floor((clientY - box.top - top) / size.height);
    const [label, predicted] = [classes[row], classes[column]];
    return label === undefined || predicted === undefined ? null : { label, predicted };
  };
  const shown = hovered ?? cell;
  const onKeyDown = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (move) {
      event.preventDefault();
      const [row, column] = shown ? [classes.indexOf(shown.label), classes.indexOf(shown.predicted)] : [0, 0];
      const next = (i: number, by: number) => classes[Math.max(0, Math.min(classes.length - 1, i + by))] ?? 0;
      setHovered({ label: next(row, shown ? move[0] : 0), predicted: next(column, shown ? move[1] : 0) });
    } else if ((event.key === 'Enter' || event.key === ' ') && shown) {
      event.preventDefault();
      open(shown);
    }
  };
  const place = (at: At) => ({
    x: left + classes.indexOf(at.predicted) * size.width,
    y: top + classes.indexOf(at.label) * size.height,
  });
  const summary = `Confusion of ${classes.length} classes. ${[...shares.rows]
    .map(([index, { right }]) => `${view.classes[index]} ${percent(right)} %`)
    .join(', ')} recognised. Arrow keys move between cells, Enter opens one.`;
  return (
    <>
      <p className={css.read} aria-live="polite">
        {shown ? sentence(view, shares, shown) : 'True class in the row, predicted class in the column.'}
      </p>
      <Scroll label={summary} className={css.scroll} onKeyDown={onKeyDown}>
        <svg
          data-plot
          className={css.matrix}
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          aria-hidden="true"
          onPointerMove={(event) => setHovered(under(event))}
          onPointerLeave={() => setHovered(null)}
          onClick={(event) => {
            const at = under(event);
            if (at) open(at);
          }}
        >
          <text x={left - 6} y={top - 6} textAnchor="end" className={css.corner}>
            true ↓ predicted →
          </text>
          <Cells view={view} shares={shares} size={size} left={left} top={top} />
          {shown && (
            <g className={css.cross} pointerEvents="none">
              <rect x={left} y={place(shown).y - 0.5} width={classes.length * size.width} height={size.height} />
              <rect x={place(shown).x - 0.5} y={top} width={size.width} height={classes.length * size.height} />
            </g>
          )}
          {cell && <rect className={css.chosen} {...place(cell)} width={size.width - 1} height={size.height - 1} />}
        </svg>
      </Scroll>
    </>
  );
}
