/** The columns of an answer's table, whatever it is printed as. */
import type { Answer, AnswerMetric, AnswerRow } from '@ablate/contracts';
import { VERDICT_WORDS } from '@ablate/statistics';
import { type Cell, numberCell as number, textCell as text } from '@ablate/tables';
import { axisTexts } from '../axes.ts';
import { decidedBy, deciderOfConfig } from '../decided-by.ts';

/** A column; `right` if its cells are numbers. */
export type Column = { head: string; right: boolean; cell: (row: AnswerRow) => Cell };

const SPLITS = { test: 'test', validation: 'validation', train: 'train' } as const;

/** The name of the figure, with its unit: `test %`, `validation loss`. */
export const figureHead = ({ split, metric }: Pick<Answer, 'split' | 'metric'>): string =>
  metric === 'accuracy' ? `${SPLITS[split]} %` : `${SPLITS[split]} loss`;

/** A figure as it is printed: shares as percent with two digits, losses with four. */
export const printed = (metric: AnswerMetric, value: number, spread: number | null, signed = false): Cell =>
  metric === 'accuracy'
    ? { value: 100 * value, spread: spread === null ? null : 100 * spread, digits: 2, signed }
    : { value, spread, digits: 4, signed };

/** Half of the interval that is printed: the pooled one, else the paired one. */
function half({ comparison }: AnswerRow): number | null {
  if (comparison?.verdict === 'no-noise-estimate') return null;
  const interval = comparison?.pooled ?? comparison?.paired ?? null;
  return interval === null ? null : (interval.high - interval.low) / 2;
}

export const differenceCell = (row: AnswerRow, metric: AnswerMetric): Cell =>
  row.comparison?.difference == null ? null : printed(metric, row.comparison.difference, half(row), true);

/** The verdict, with what would show where nothing is decided. */
export function verdictText(row: AnswerRow, metric: AnswerMetric): string {
  const { comparison } = row;
  if (row.baseline) return VERDICT_WORDS.baseline;
  if (comparison === null || comparison.verdict === 'no-result') return '';
  const { verdict, detectable, pairs, implausible } = comparison;
  const decider = deciderOfConfig(comparison);
  const word = decider === null ? VERDICT_WORDS[verdict] : decidedBy(decider);
  const doubt = implausible === null ? '' : ', implausibly small spread';
  if (verdict === 'noise' && detectable !== null) {
    const shows = metric === 'accuracy' ? (100 * detectable).toFixed(2) : detectable.toPrecision(2);
    return `${word} (${shows} or more would show)${doubt}`;
  }
  if (verdict === 'no-noise-estimate' && pairs.used === 1) return `one seed: ${VERDICT_WORDS[verdict]}${doubt}`;
  return `${word}${doubt}`;
}

/** Multiply-accumulates and parameters: `1.25 M`. */
export function scaled(value: number | null): Cell {
  if (value === null) return null;
  const [size, unit] = value >= 1e9 ? [1e9, ' G'] : value >= 1e6 ? [1e6, ' M'] : value >= 1e3 ? [1e3, ' k'] : [1, ''];
  return { text: `${Number((value / size).toPrecision(3))}${unit}` };
}

/** Columns that say nothing are left out: no difference without a baseline, no cost that is the same for all. */
export function answerColumns({
  axes,
  rows,
  metric,
  split,
}: Pick<Answer, 'axes' | 'rows' | 'metric' | 'split'>): Column[] {
  const valueText = axisTexts(rows);
  const some = (test: (row: AnswerRow) => boolean) => rows.some(test);
  const varies = (of: (row: AnswerRow) => unknown) => new Set(rows.map(of)).size > 1;
  const compares = some(({ comparison }) => comparison?.difference != null);
  const incomplete = some(({ comparison }) => comparison !== null && comparison.pairs.used < comparison.pairs.of);
  const column = (head: string, right: boolean, cell: Column['cell'], shown = true): Column[] =>
    shown ? [{ head, right, cell }] : [];
  return [
    ...column('#', true, ({ position }) => number(position), rows.length > 1),
    ...axes.flatMap(({ path, name }) =>
      column(
        name,
        rows.every(({ axes: of }) => !Object.hasOwn(of, path) || typeof of[path] === 'number'),
        ({ axes: of }) => text(Object.hasOwn(of, path) ? valueText(path, of[path]) : '–'),
      ),
    ),
    ...column(
      'goes on from',
      false,
      ({ fork }) => text(fork ? `${fork.position} after epoch ${fork.epochs}` : ''),
      some(({ fork }) => fork !== null),
    ),
    ...column('n', true, ({ n }) => number(n)),
    ...column(figureHead({ split, metric }), true, ({ mean, sd }) =>
      mean === null ? null : printed(metric, mean, sd),
    ),
    ...column(`Δ ${SPLITS[split]}`, true, (row) => differenceCell(row, metric), compares),
    ...column('verdict', false, (row) => text(verdictText(row, metric)), compares),
    ...column(
      'pairs',
      false,
      ({ comparison }) => text(comparison === null ? '' : `${comparison.pairs.used} of ${comparison.pairs.of}`),
      compares && incomplete,
    ),
    ...column(
      'MACs',
      true,
      ({ macs }) => scaled(macs),
      varies(({ macs }) => macs),
    ),
    ...column(
      'parameters',
      true,
      ({ parameters }) => scaled(parameters),
      varies(({ parameters }) => parameters),
    ),
    ...column(
      's/run',
      true,
      ({ deviceSeconds }) => number(deviceSeconds, 1),
      some(({ deviceSeconds }) => deviceSeconds !== null),
    ),
    ...column(
      'unfinished',
      true,
      ({ unfinished }) => number(unfinished),
      some(({ unfinished }) => unfinished > 0),
    ),
    ...column(
      'failed',
      true,
      ({ failed }) => number(failed),
      some(({ failed }) => failed > 0),
    ),
    ...column(
      'pruned',
      true,
      ({ pruned }) => number(pruned),
      some(({ pruned }) => pruned > 0),
    ),
  ];
}
