/** Differences from the baseline on one axis, in the rows of the table: interval, mean, and a dot for each seed. */
import type { AnswerRow } from '@ablate/contracts';
import { extent, linear, type Scale, tickFormat } from '@ablate/plots';
import { VerdictShape, verdictClass } from '../../plots/verdict-mark.tsx';
import type { Figures } from './figures.ts';
import css from './interval-plot.module.css';

const WIDTH = 168;
const HEIGHT = 28;
const PADDING = 12;

/** Differences by seed: the seeds that this config and the baseline have in common. */
export function seedDifferences(row: AnswerRow, base: AnswerRow | undefined): { seed: number; difference: number }[] {
  const before = new Map(base?.values.map(({ seed, value }) => [seed, value]));
  return row.values.flatMap(({ seed, value }) => {
    const other = before.get(seed);
    return other === undefined ? [] : [{ seed, difference: value - other }];
  });
}

/** The interval that the table shows: pooled where there is one. */
export const shownInterval = ({ comparison }: AnswerRow): { low: number; high: number } | null =>
  comparison?.verdict === 'no-noise-estimate' ? null : (comparison?.pooled ?? comparison?.paired ?? null);

/** One scale for all rows, with 0 on it. */
export function differenceScale({ rows }: { rows: readonly AnswerRow[] }): Scale {
  const base = rows.find(({ baseline }) => baseline);
  const values = rows.flatMap((row) => {
    const interval = shownInterval(row);
    return [
      0,
      row.comparison?.difference ?? 0,
      ...(interval ? [interval.low, interval.high] : []),
      ...seedDifferences(row, base).map(({ difference }) => difference),
    ];
  });
  return linear(extent(values), [PADDING, WIDTH - PADDING], 4);
}

export function IntervalAxis({ scale, figures }: { scale: Scale; figures: Figures }) {
  const format = tickFormat(scale.ticks, figures.factor);
  return (
    <svg className={css.axis} width={WIDTH} height={24} viewBox={`0 0 ${WIDTH} 24`} aria-hidden="true">
      {scale.ticks.map((tick) => (
        <g key={tick} transform={`translate(${scale.at(tick)} 0)`}>
          <line y1={18} y2={24} />
          <text y={13} textAnchor="middle">
            {format(tick)}
          </text>
        </g>
      ))}
    </svg>
  );
}

export function IntervalCell({
  row,
  base,
  scale,
  figures,
}: {
  row: AnswerRow;
  base: AnswerRow | undefined;
  scale: Scale;
  figures: Figures;
}) {
  const { comparison } = row;
  const interval = shownInterval(row);
  const seeds = row.baseline ? [] : seedDifferences(row, base);
  const verdict = row.baseline ? 'baseline' : (comparison?.verdict ?? 'no-result');
  const difference = row.baseline ? 0 : comparison?.difference;
  const label = row.baseline
    ? 'baseline'
    : difference === null || difference === undefined
      ? 'no difference known'
      : `${figures.difference(difference)} ${figures.unit}${interval ? `, 95 % interval ${figures.difference(interval.low)} to ${figures.difference(interval.high)}` : ''}`;
  return (
    <svg
      className={`${css.row} ${verdictClass(verdict)}`}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      {scale.ticks.map((tick) => (
        <line key={tick} className={css.grid} x1={scale.at(tick)} x2={scale.at(tick)} y2={HEIGHT} />
      ))}
      <line className={css.zero} x1={scale.at(0)} x2={scale.at(0)} y2={HEIGHT} />
      {interval && !row.baseline && (
        <line
          className={css.interval}
          x1={scale.at(interval.low)}
          x2={scale.at(interval.high)}
          y1={HEIGHT / 2}
          y2={HEIGHT / 2}
        />
      )}
      {seeds.map(({ seed, difference: one }) => (
        <circle key={seed} className={css.seed} cx={scale.at(one)} cy={HEIGHT - 5} r={2.2}>
          <title>{`seed ${seed}: ${figures.difference(one)}`}</title>
        </circle>
      ))}
      {difference !== null && difference !== undefined && (
        <g transform={`translate(${scale.at(difference) - 6} ${HEIGHT / 2 - 6})`}>
          <rect className={css.halo} x={-1} y={-1} width={14} height={14} rx={3} />
          <VerdictShape verdict={verdict} />
        </g>
      )}
    </svg>
  );
}
