/** A comparison of configs as tables: figures, and what differs. */
import type { ConfigComparison } from '@ablate/contracts';
import { numberCell, type Table, textCell } from '@ablate/tables';
import { formatValue } from '../axes.ts';
import { differenceCell, figureHead, printed, verdictText } from './answer-columns.ts';

export function comparisonTable({ rows, metric, split, headline, warnings }: ConfigComparison): Table {
  return {
    columns: [
      { head: 'config', right: false },
      { head: 'sweep', right: false },
      { head: 'n', right: true },
      { head: figureHead({ split, metric }), right: true },
      { head: `Δ ${split}`, right: true },
      { head: 'verdict', right: false },
    ],
    rows: rows.map((row) => [
      textCell(row.name),
      textCell(row.sweep.name),
      numberCell(row.n),
      row.mean === null ? null : printed(metric, row.mean, row.sd),
      differenceCell(row, metric),
      textCell(verdictText(row, metric)),
    ]),
    sentences: headline,
    legend: warnings.map((warning) => `warning: ${warning}`),
    data: {
      columns: ['config_id', 'sweep_id', 'name', 'n', 'mean', 'sd', 'difference', 'low', 'high', 'verdict'],
      rows: rows.map(({ configId, sweep, name, n, mean, sd, comparison }) => {
        const interval = comparison?.pooled ?? comparison?.paired;
        return [
          ...[configId, sweep.id, name, n, mean, sd],
          ...[comparison?.difference ?? null, interval?.low ?? null, interval?.high ?? null],
          comparison?.verdict ?? 'baseline',
        ];
      }),
    },
  };
}

/** A row for each field in which the configs differ. An absent value is none of the others. */
export function differencesTable({ rows, differences }: ConfigComparison): Table {
  const textOf = (values: readonly unknown[]) =>
    values.length === 0 ? '(absent)' : values.map(formatValue).join(' | ');
  const cells = differences.map(({ part, path, values }) => [
    part,
    path,
    ...rows.map((_, i) => textOf(values[i] ?? [])),
  ]);
  return {
    columns: ['part', 'field', ...rows.map(({ name }) => name)].map((head) => ({ head, right: false })),
    rows: cells.map((row) => row.map(textCell)),
    sentences: [],
    legend: [],
    data: { columns: ['part', 'field', ...rows.map(({ configId }) => configId)], rows: cells },
  };
}
