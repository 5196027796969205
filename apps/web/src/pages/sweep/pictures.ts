/** The plots of a sweep as SVG text, on white with their own labels. Loaded when a reader saves one. */
import type { Answer, AnswerRow, ConfigComparison, Curves, Verdict } from '@ablate/contracts';
import { curves, intervals } from '@ablate/plots';
import { axisName } from '../../format/number.ts';
import { figuresOf } from './figures.ts';
import { seedDifferences, shownInterval } from './interval-plot.tsx';
import { levelWord, rowWord, verdictOf } from './verdict-words.ts';

type Row = Parameters<typeof intervals>[0]['rows'][number];

const MARKS: Readonly<Record<Verdict, Row['mark']>> = {
  baseline: 'baseline',
  better: 'better',
  worse: 'worse',
  equivalent: 'same',
  noise: 'noise',
  'no-noise-estimate': 'noise',
  'no-result': 'none',
};

const differenceRow = (row: AnswerRow, base: AnswerRow | undefined): Row => ({
  name: row.name,
  ...{ mark: MARKS[verdictOf(row)], word: rowWord(row) },
  difference: row.baseline ? 0 : (row.comparison?.difference ?? null),
  interval: row.baseline ? null : shownInterval(row),
  dots: row.baseline ? [] : seedDifferences(row, base).map(({ difference }) => difference),
});

/** Differences of the given rows from the baseline. */
export function answerPicture(answer: Answer, rows: readonly AnswerRow[]): string {
  const figures = figuresOf(answer);
  const base = answer.rows.find(({ baseline }) => baseline);
  return intervals({
    title: answer.sweep.name,
    xLabel: `difference of ${figures.title} from ${answer.baseline?.name ?? 'the baseline'}`,
    margin: answer.margin,
    format: figures.difference,
    factor: figures.factor,
    width: 860,
    rows: rows.map((row) => differenceRow(row, base)),
  });
}

/** Differences of configs from the first of them. */
export function comparisonPicture({ rows, ...comparison }: ConfigComparison): string {
  const figures = figuresOf(comparison);
  const [base] = rows;
  return intervals({
    title: 'Comparison of configs',
    xLabel: `difference of ${figures.title} from ${base?.name ?? 'the baseline'}`,
    margin: comparison.margin,
    format: figures.difference,
    factor: figures.factor,
    width: 860,
    rows: rows.map((row) => differenceRow(row, base)),
  });
}

/** The effect of every value of every axis. */
export function effectsPicture(answer: Answer): string {
  const figures = figuresOf(answer);
  return intervals({
    title: `${answer.sweep.name}: effect of each axis`,
    xLabel: `difference of ${figures.title} from the baseline’s value of the axis`,
    margin: answer.margin,
    format: figures.difference,
    factor: figures.factor,
    width: 860,
    rows: answer.grids.flatMap(({ effects }) =>
      effects.flatMap(({ axis, levels }) =>
        levels.map((level) => ({
          name: `${axisName(axis)}: ${level.text}`,
          ...{ mark: MARKS[level.verdict], word: levelWord(level) },
          difference: level.verdict === 'baseline' ? 0 : level.difference,
          interval: level.pooled ?? level.paired,
          dots: [],
        })),
      ),
    ),
  });
}

/** Means over the seeds with their bands. */
export const curvesPicture = (
  { metric, configs }: Pick<Curves, 'metric' | 'configs'>,
  {
    title,
    xLabel,
    format,
    factor,
  }: { title: string; xLabel: string; format: (value: number) => string; factor: number },
): string =>
  curves({
    title,
    xLabel,
    yLabel: metric,
    width: 860,
    height: 360,
    formatY: format,
    factor,
    curves: configs.map(({ name, position, points }) => ({
      name,
      position,
      points: points.map(({ x, mean, min, max }) => ({ x, y: mean, low: min, high: max })),
    })),
  });
