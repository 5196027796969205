/** Accuracy against cost, and the configs that no cheaper one reaches. */
import type { Answer } from '@ablate/contracts';
import { extent, linear, logarithmic, tickFormat } from '@ablate/plots';
import { compact, duration } from '../../format/number.ts';
import { Panel } from '../../parts/panel.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { seriesColor } from '../../plots/colors.ts';
import { seriesShape } from '../../plots/series-mark.tsx';
import { changeSearch, useParameter } from '../../router/location.ts';
import { figuresOf } from './figures.ts';
import css from './pareto.module.css';

const SIZE = { width: 860, height: 300, left: 64, right: 24, top: 14, bottom: 44 };
/** Units of time on an axis, by the seconds from which they are read with ease. */
const TIMES = [
  { from: 3 * 3600, seconds: 3600, unit: 'h' },
  { from: 180, seconds: 60, unit: 'min' },
  { from: 0, seconds: 1, unit: 's' },
];
const COSTS = { macs: 'MACs of one image', parameters: 'parameters', deviceSeconds: 'device time of a run' } as const;
const formats = { macs: compact, parameters: compact, deviceSeconds: duration } as const;
/** Characters of a name in the plot, and their size in pixels, about. */
const NAME = 64;
const LETTER = { width: 6.6, height: 15 };

type Placed = { name: string; x: number; y: number; end: boolean };

/** Names beside their points, each where it covers no other; a name without room is left out and stays in the tooltip. */
function placeNames(points: readonly { id: string; name: string; cx: number; cy: number }[]): Map<string, Placed> {
  const placed = new Map<string, Placed>();
  const boxes: { left: number; right: number; y: number }[] = [];
  for (const { id, name, cx, cy } of points) {
    const text = name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name;
    const width = text.length * LETTER.width;
    const end = cx + 9 + width > SIZE.width - SIZE.right;
    const left = end ? cx - 9 - width : cx + 9;
    const y = cy - 7;
    const free = boxes.every(
      (box) => left > box.right || left + width < box.left || Math.abs(box.y - y) >= LETTER.height,
    );
    if (!free || left < SIZE.left) continue;
    boxes.push({ left, right: left + width, y });
    placed.set(id, { name: text, x: end ? cx - 9 : cx + 9, y, end });
  }
  return placed;
}

export function Pareto({ answer }: { answer: Answer }) {
  const wanted = useParameter('cost');
  const chosen = answer.pareto.find(({ cost }) => cost === wanted) ?? answer.pareto[0];
  if (!chosen || chosen.points.length < 2) return null;
  const figures = figuresOf(answer);
  const format = formats[chosen.cost];
  const rows = new Map(answer.rows.map((row) => [row.configId, row]));
  const most = Math.max(...chosen.points.map(({ cost }) => cost));
  const time = chosen.cost === 'deviceSeconds' ? TIMES.find(({ from }) => most >= from) : undefined;
  const costs = chosen.points.map(({ cost }) => cost / (time?.seconds ?? 1));
  const x = logarithmic([Math.min(...costs) * 0.85, Math.max(...costs) * 1.18], [SIZE.left, SIZE.width - SIZE.right]);
  const y = linear(
    extent(
      chosen.points.map(({ value }) => value),
      0.12,
    ),
    [SIZE.height - SIZE.bottom, SIZE.top],
    5,
  );
  const xAt = (cost: number) => x.at(cost / (time?.seconds ?? 1));
  const formatY = tickFormat(y.ticks, figures.factor);
  const front = chosen.points.filter(({ status }) => status === 'front').sort((a, b) => a.cost - b.cost);
  const nameOf = (id: string) => rows.get(id)?.name ?? id.slice(0, 8);
  const names = placeNames(
    front.map(({ configId, cost, value }) => ({
      id: configId,
      name: nameOf(configId),
      cx: xAt(cost),
      cy: y.at(value),
    })),
  );
  const label = `${figures.title} against ${COSTS[chosen.cost]}. Not dominated: ${front
    .map((point) => `${nameOf(point.configId)} with ${figures.value(point.value)} at ${format(point.cost)}`)
    .join('; ')}`;
  return (
    <Panel
      title="Worth its cost"
      explains="Filled: no config costs less and is better. Hollow: another costs no more and its mean is no worse; crossed out where that is beyond noise."
      anchor="pareto"
      table={({ pareto }) => pareto(answer, chosen.cost)}
      file={`pareto-${chosen.cost}-${answer.sweep.id.slice(0, 8)}`}
      sql={`select * from pareto where sweep_id = '${answer.sweep.id}'`}
    >
      <label className={css.choice}>
        Cost{' '}
        <select value={chosen.cost} onChange={({ target }) => changeSearch({ cost: target.value })}>
          {answer.pareto.map(({ cost }) => (
            <option key={cost} value={cost}>
              {COSTS[cost]}
            </option>
          ))}
        </select>
      </label>
      <Scroll label={label} className={css.scroll}>
        <svg
          data-plot
          className={css.plot}
          width={SIZE.width}
          height={SIZE.height}
          viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
          aria-hidden="true"
        >
          {y.ticks.map((tick) => (
            <g key={tick} transform={`translate(0 ${y.at(tick)})`}>
              <line className={css.grid} x1={SIZE.left} x2={SIZE.width - SIZE.right} />
              <text x={SIZE.left - 8} y={4} textAnchor="end">
                {formatY(tick)}
              </text>
            </g>
          ))}
          {x.ticks.map((tick) => (
            <g key={tick} transform={`translate(${x.at(tick)} 0)`}>
              <line className={css.grid} y1={SIZE.top} y2={SIZE.height - SIZE.bottom} />
              <text y={SIZE.height - SIZE.bottom + 16} textAnchor="middle">
                {x.format(tick)}
              </text>
            </g>
          ))}
          <text x={(SIZE.left + SIZE.width - SIZE.right) / 2} y={SIZE.height - 6} textAnchor="middle">
            {COSTS[chosen.cost]}
            {time && `, ${time.unit}`} (log scale)
          </text>
          <text
            transform={`translate(13 ${(SIZE.top + SIZE.height - SIZE.bottom) / 2}) rotate(-90)`}
            textAnchor="middle"
          >
            {figures.title}
          </text>
          <polyline
            className={css.front}
            points={front.map((point) => `${xAt(point.cost)},${y.at(point.value)}`).join(' ')}
          />
          {chosen.points.map((point) => {
            const row = rows.get(point.configId);
            const color = seriesColor(row?.position ?? 0);
            const name = nameOf(point.configId);
            const [cx, cy] = [xAt(point.cost), y.at(point.value)];
            const shown = names.get(point.configId);
            return (
              <g key={point.configId}>
                <path
                  d={seriesShape(row?.position ?? 0)}
                  transform={`translate(${cx} ${cy})`}
                  fill={point.status === 'front' ? color : 'var(--surface)'}
                  stroke={color}
                  strokeWidth={1.8}
                />
                {point.status === 'dominated-beyond-noise' && (
                  <line x1={cx - 7} x2={cx + 7} y1={cy + 7} y2={cy - 7} stroke={color} strokeWidth={1.8} />
                )}
                {shown && (
                  <text x={shown.x} y={shown.y} textAnchor={shown.end ? 'end' : 'start'} className={css.name}>
                    {shown.name}
                  </text>
                )}
                <title>{`${name}: ${figures.value(point.value)} at ${format(point.cost)}, ${point.status.replaceAll('-', ' ')}`}</title>
              </g>
            );
          })}
        </svg>
      </Scroll>
    </Panel>
  );
}
