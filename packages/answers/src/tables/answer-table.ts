/** The answer as a table: a row for each config. */
import type { Answer, AnswerRow } from '@ablate/contracts';
import type { Table } from '@ablate/tables';
import { formatValue } from '../axes.ts';
import { answerColumns } from './answer-columns.ts';
import { legend } from './legend.ts';

/** Columns for programs. */
const DATA: readonly [name: string, value: (row: AnswerRow) => string | number | boolean | null][] = [
  ['config_id', ({ configId }) => configId],
  ['position', ({ position }) => position],
  ['baseline', ({ baseline }) => baseline],
  ['n', ({ n }) => n],
  ['mean', ({ mean }) => mean],
  ['sd', ({ sd }) => sd],
  ['seeds', ({ values }) => values.map(({ seed }) => seed).join(' ')],
  ['values', ({ values }) => values.map(({ value }) => value).join(' ')],
  ['verdict', ({ comparison }) => comparison?.verdict ?? null],
  ['pairs', ({ comparison }) => comparison?.pairs.used ?? null],
  ['difference', ({ comparison }) => comparison?.difference ?? null],
  ['pooled_low', ({ comparison }) => comparison?.pooled?.low ?? null],
  ['pooled_high', ({ comparison }) => comparison?.pooled?.high ?? null],
  ['p_holm', ({ comparison }) => comparison?.pooled?.adjusted ?? null],
  ['paired_low', ({ comparison }) => comparison?.paired?.low ?? null],
  ['paired_high', ({ comparison }) => comparison?.paired?.high ?? null],
  ['p_paired', ({ comparison }) => comparison?.paired?.p ?? null],
  ['macs', ({ macs }) => macs],
  ['parameters', ({ parameters }) => parameters],
  ['device_seconds', ({ deviceSeconds }) => deviceSeconds],
  ['unfinished', ({ unfinished }) => unfinished],
  ['failed', ({ failed }) => failed],
  ['pruned', ({ pruned }) => pruned],
  ['from_position', ({ fork }) => fork?.position ?? null],
  ['from_epochs', ({ fork }) => fork?.epochs ?? null],
];

export function answerTable(answer: Answer): Table {
  const { axes, rows, headline, notes } = answer;
  const columns = answerColumns(answer);
  return {
    columns,
    rows: rows.map((row) => columns.map(({ cell }) => cell(row))),
    sentences: headline,
    legend: [...legend(answer), ...notes.map((note) => `note: ${note}`)],
    data: {
      columns: [...axes.map(({ path }) => path), ...DATA.map(([name]) => name)],
      rows: rows.map((row) => [
        ...axes.map(({ path }) => {
          const value = row.axes[path];
          return typeof value === 'number' ? value : Object.hasOwn(row.axes, path) ? formatValue(value) : null;
        }),
        ...DATA.map(([, value]) => value(row)),
      ]),
    },
  };
}
