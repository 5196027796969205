/** Accuracy against cost, and the configs that no cheaper one reaches. */
import type { Answer } from '@ablate/contracts';
import { extent, linear, logarithmic } from '@ablate/plots';
import { compact, duration } from '../../format/number.ts';
import { Panel } from '../../parts/panel.tsx';
import { seriesColor } from '../../plots/colors.ts';
import { useSearch } from '../../router/location.ts';
import { figuresOf } from './figures.ts';
import css from './pareto.module.css';

const SIZE = { width: 620, height: 300, left: 64, right: 24, top: 14, bottom: 44 };
const COSTS = { macs: 'MACs of one image', parameters: 'parameters', deviceSeconds: 'device time of a run' } as const;
const formats = { macs: compact, parameters: compact, deviceSeconds: duration } as const;
const MAX_LABELS = 14;

export function Pareto({ answer }: { answer: Answer }) {
  const [search, change] = useSearch();
  const wanted = search.get('cost');
  const chosen = answer.pareto.find(({ cost }) => cost === wanted) ?? answer.pareto[0];
  if (!chosen || chosen.points.length < 2) return null;
  const figures = figuresOf(answer);
  const format = formats[chosen.cost];
  const rows = new Map(answer.rows.map((row) => [row.configId, row]));
  const costs = chosen.points.map(({ cost }) => cost);
  const x = logarithmic(
    [Math.min(...costs) * 0.85, Math.max(...costs) * 1.18],
    [SIZE.left, SIZE.width - SIZE.right],
    format,
  );
  const y = linear(
    extent(
      chosen.points.map(({ value }) => value),
      0.12,
    ),
    [SIZE.height - SIZE.bottom, SIZE.top],
    5,
  );
  const front = chosen.points.filter(({ status }) => status === 'front').sort((a, b) => a.cost - b.cost);
  const label = `${figures.title} against ${COSTS[chosen.cost]}. Not dominated: ${front
    .map(
      (point) =>
        `${rows.get(point.configId)?.name ?? point.configId.slice(0, 8)} with ${figures.value(point.value)} at ${format(point.cost)}`,
    )
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
        <select value={chosen.cost} onChange={({ target }) => change({ cost: target.value })}>
          {answer.pareto.map(({ cost }) => (
            <option key={cost} value={cost}>
              {COSTS[cost]}
            </option>
          ))}
        </select>
      </label>
      <div className={css.scroll}>
        <svg
          data-plot
          className={css.plot}
          width={SIZE.width}
          height={SIZE.height}
          viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
          role="img"
          aria-label={label}
        >
          {y.ticks.map((tick) => (
            <g key={tick} transform={`translate(0 ${y.at(tick)})`}>
              <line className={css.grid} x1={SIZE.left} x2={SIZE.width - SIZE.right} />
              <text x={SIZE.left - 8} y={4} textAnchor="end">
                {figures.value(tick)}
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
            {COSTS[chosen.cost]} (log scale)
          </text>
          <text
            transform={`translate(13 ${(SIZE.top + SIZE.height - SIZE.bottom) / 2}) rotate(-90)`}
            textAnchor="middle"
          >
            {figures.title}
          </text>
          <polyline
            className={css.front}
            points={front.map((point) => `${x.at(point.cost)},${y.at(point.value)}`).join(' ')}
          />
          {chosen.points.map((point) => {
            const row = rows.get(point.configId);
            const color = seriesColor(row?.position ?? 0);
            const name = row?.name ?? point.configId.slice(0, 8);
            const [cx, cy] = [x.at(point.cost), y.at(point.value)];
            const rightHalf = cx > SIZE.width * 0.66;
            return (
              <g key={point.configId}>
                <circle
                  cx={cx}
                  cy={cy}
                  r={5}
                  fill={point.status === 'front' ? color : 'var(--surface)'}
                  stroke={color}
                  strokeWidth={1.8}
                />
                {point.status === 'dominated-beyond-noise' && (
                  <line x1={cx - 7} x2={cx + 7} y1={cy + 7} y2={cy - 7} stroke={color} strokeWidth={1.8} />
                )}
                {point.status === 'front' && front.length <= MAX_LABELS && (
                  <text
                    x={cx + (rightHalf ? -9 : 9)}
                    y={cy - 7}
                    textAnchor={rightHalf ? 'end' : 'start'}
                    className={css.name}
                  >
                    {name}
                  </text>
                )}
                <title>{`${name}: ${figures.value(point.value)} at ${format(point.cost)}, ${point.status.replaceAll('-', ' ')}`}</title>
              </g>
            );
          })}
        </svg>
      </div>
    </Panel>
  );
}
