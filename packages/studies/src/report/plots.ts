/** The plots of a sweep: curves with bands, and the differences from the baseline. */
import type { Answer, AnswerRow, Verdict } from '@ablate/contracts';
import { curves, heatMap, intervals } from '@ablate/plots';
import { mean, VERDICT_WORDS } from '@ablate/statistics';
import { figureWords } from '../figures.ts';
import type { CurveRow } from '../results.ts';
import type { Answered } from '../study-answer.ts';
import type { Block } from './blocks.ts';

/** More curves than this cannot be told apart: those of the best configs and of the baseline are drawn. */
const MOST_CURVES = 8;

const MARKS: Readonly<Record<Verdict, 'baseline' | 'better' | 'worse' | 'same' | 'noise' | 'none'>> = {
  baseline: 'baseline',
  better: 'better',
  worse: 'worse',
  equivalent: 'same',
  noise: 'noise',
  'no-noise-estimate': 'noise',
  'no-result': 'none',
};

type Metric = { name: string; title: string; yLabel: string; percent: boolean };

const METRICS: readonly Metric[] = [
  { name: 'loss', title: 'Loss', yLabel: 'cross-entropy', percent: false },
  { name: 'accuracy', title: 'Accuracy', yLabel: 'accuracy, %', percent: true },
];

/** The configs that are drawn: all, or the best and the baseline. */
function drawn({ rows, best, better }: Answer): AnswerRow[] {
  if (rows.length <= MOST_CURVES) return rows;
  const sign = better === 'higher' ? -1 : 1;
  const ranked = rows
    .filter(({ mean }) => mean !== null)
    .toSorted((a, b) => sign * ((a.mean ?? 0) - (b.mean ?? 0)))
    .slice(0, MOST_CURVES - 1);
  const base = rows.find(({ baseline }) => baseline);
  const chosen = new Set([
    ...ranked,
    ...(base ? [base] : []),
    ...rows.filter(({ configId }) => configId === best?.configId),
  ]);
  return rows.filter((row) => chosen.has(row));
}

/** The values of the seeds at each epoch. */
function byEpoch(rows: readonly CurveRow[]): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const { epoch, value } of rows) found.set(epoch, [...(found.get(epoch) ?? []), value]);
  return new Map([...found].sort(([a], [b]) => a - b));
}

/** Loss and accuracy over epochs: validation solid, train dashed, mean and range over the seeds. */
function curvePlots({ name: sweep }: Answered, answer: Answer, rows: readonly CurveRow[]): Block[] {
  const mine = rows.filter((row) => row.sweep === sweep);
  const configs = drawn(answer);
  return METRICS.flatMap(({ name, title, yLabel, percent }): Block[] => {
    const factor = percent ? 100 : 1;
    const of = (split: 'val' | 'train', position: number) =>
      [...byEpoch(mine.filter((row) => row.position === position && row.metric === `${split}/${name}`))].map(
        ([epoch, values]) => ({
          x: epoch,
          y: factor * mean(values),
          low: factor * Math.min(...values),
          high: factor * Math.max(...values),
        }),
      );
    const lines = configs.flatMap(({ position, name: config }, i) => [
      { name: config, position: i, points: of('val', position) },
      { name: `${config}, train`, position: i, dashed: true, unlisted: true, points: of('train', position) },
    ]);
    if (lines.every(({ points }) => points.length === 0)) return [];
    const left = answer.rows.length - configs.length;
    const heading = `${title} on validation (solid) and train (dashed)`;
    const over = left > 0 ? `; best ${configs.length} of ${answer.rows.length} configs` : ' over the seeds';
    const svg = curves({
      title: heading,
      xLabel: 'epoch',
      yLabel: `${yLabel}: mean and range${over}`,
      curves: lines.filter(({ points }) => points.length > 0),
      width: 480,
      height: 320,
    });
    return [{ kind: 'plot', name: `${sweep}-${name}`, title: heading, svg }];
  });
}

/** Differences of each seed that a config and the baseline have in common. */
function dots(row: AnswerRow, base: AnswerRow): number[] {
  const before = new Map(base.values.map(({ seed, value }) => [seed, value]));
  return row.values.flatMap(({ seed, value }) => {
    const other = before.get(seed);
    return other === undefined ? [] : [value - other];
  });
}

/** The differences from the baseline with their intervals. */
function intervalPlot({ name: sweep }: Answered, answer: Answer): Block[] {
  const base = answer.rows.find(({ baseline }) => baseline);
  if (base === undefined || answer.rows.length < 2) return [];
  const factor = answer.metric === 'accuracy' ? 100 : 1;
  const rows = answer.rows.map((row) => {
    const { comparison } = row;
    const verdict: Verdict = row.baseline ? 'baseline' : (comparison?.verdict ?? 'no-result');
    const shown = verdict === 'no-noise-estimate' ? null : (comparison?.pooled ?? comparison?.paired ?? null);
    const difference = row.baseline ? 0 : (comparison?.difference ?? null);
    return {
      name: row.name,
      mark: MARKS[verdict],
      word: VERDICT_WORDS[verdict],
      difference: difference === null ? null : factor * difference,
      interval: shown && { low: factor * shown.low, high: factor * shown.high },
      dots: row.baseline ? [] : dots(row, base).map((one) => factor * one),
    };
  });
  const title = `Difference from ${base.name}`;
  const unit = answer.metric === 'accuracy' ? 'points of ' : '';
  const svg = intervals({
    title,
    xLabel: `${unit}${figureWords(answer)}, 95 % interval; a dot for each seed`,
    margin: answer.margin === null ? null : factor * answer.margin,
    rows,
    width: 960,
  });
  return [{ kind: 'plot', name: `${sweep}-differences`, title, svg }];
}

/** Cells of an interaction that are drawn: more are no picture. */
const MOST_CELLS = 60;

/** The means of two axes together, where their interaction is beyond noise. */
function interactionPlots({ name: sweep }: Answered, { grids, metric, split }: Answer): Block[] {
  const found = grids.flatMap((grid) =>
    grid.interactions.map((interaction) => ({ interaction, effects: grid.effects })),
  );
  return found.flatMap(({ interaction: { axes, cells, beyondNoise }, effects }, i): Block[] => {
    if (!beyondNoise || cells === null || cells.length > MOST_CELLS) return [];
    const levels = (at: 0 | 1) => [...new Set(cells.map((cell) => cell.levels[at] ?? ''))];
    const [rows, columns] = [levels(0), levels(1)];
    const meanOf = (row: string, column: string) =>
      cells.find((cell) => cell.levels[0] === row && cell.levels[1] === column)?.mean ?? null;
    const factor = metric === 'accuracy' ? 100 : 1;
    const [one, other] = axes.map((path) => effects.find(({ axis }) => axis === path)?.name ?? path);
    const title = `${figureWords({ metric, split })}${metric === 'accuracy' ? ', %' : ''}: ${one} by ${other}, an interaction beyond noise`;
    const svg = heatMap({
      title,
      rows,
      columns,
      values: rows.map((row) =>
        columns.map((column) => {
          const value = meanOf(row, column);
          return value === null ? null : factor * value;
        }),
      ),
      format: (value) => value.toFixed(metric === 'accuracy' ? 1 : 3),
      width: 640,
    });
    return [{ kind: 'plot', name: `${sweep}-interaction-${i + 1}`, title, svg }];
  });
}

export const sweepPlots = (answered: Answered, answer: Answer, curveRows: readonly CurveRow[]): Block[] => [
  ...intervalPlot(answered, answer),
  ...interactionPlots(answered, answer),
  ...curvePlots(answered, answer, curveRows),
];
