/** One number over another, as dots. */
import { extent, linear } from '@ablate/plots';
import { Scroll } from '../parts/scroll.tsx';
import css from './scatter.module.css';

const BOX = { width: 720, height: 280, left: 84, right: 12, top: 8, bottom: 42 };

type Props = { xLabel: string; yLabel: string; points: readonly { x: number; y: number }[] };

export function Scatter({ xLabel, yLabel, points }: Props) {
  const x = linear(extent(points.map((point) => point.x)), [BOX.left, BOX.width - BOX.right], 7);
  const y = linear(extent(points.map((point) => point.y)), [BOX.height - BOX.bottom, BOX.top], 6);
  const [first, last] = [points[0], points.at(-1)];
  const range = first && last ? ` from ${first.x} to ${last.x}` : '';
  return (
    <Scroll label={`Plot of ${yLabel} over ${xLabel}`} className={css.box}>
      <svg
        data-plot
        className={css.scatter}
        width={BOX.width}
        height={BOX.height}
        viewBox={`0 0 ${BOX.width} ${BOX.height}`}
        role="img"
        aria-label={`${yLabel} over ${xLabel}${range}: ${points.length} points`}
      >
        {y.ticks.map((tick) => (
          <g key={tick}>
            <line x1={BOX.left} x2={BOX.width - BOX.right} y1={y.at(tick)} y2={y.at(tick)} />
            <text x={BOX.left - 6} y={y.at(tick) + 4} textAnchor="end">
              {y.format(tick)}
            </text>
          </g>
        ))}
        {x.ticks.map((tick) => (
          <g key={tick}>
            <line y1={BOX.top} y2={BOX.height - BOX.bottom} x1={x.at(tick)} x2={x.at(tick)} />
            <text x={x.at(tick)} y={BOX.height - BOX.bottom + 16} textAnchor="middle">
              {x.format(tick)}
            </text>
          </g>
        ))}
        <text x={(BOX.left + BOX.width) / 2} y={BOX.height - 6} textAnchor="middle">
          {xLabel}
        </text>
        <text transform={`translate(14 ${(BOX.top + BOX.height - BOX.bottom) / 2}) rotate(-90)`} textAnchor="middle">
          {yLabel}
        </text>
        {points.map((point, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two points may be equal
          <circle key={i} cx={x.at(point.x)} cy={y.at(point.y)} r={points.length > 500 ? 1.5 : 3} />
        ))}
      </svg>
    </Scroll>
  );
}
