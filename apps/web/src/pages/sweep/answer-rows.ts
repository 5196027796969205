/** Which rows of an answer a reader sees: the baseline first, the others sorted, in pages. */
import type { Answer, AnswerRow } from '@ablate/contracts';

export const PAGE_ROWS = 100;

type Value = number | string | null;

const COLUMNS: Readonly<Record<string, (row: AnswerRow) => Value>> = {
  mean: ({ mean }) => mean,
  difference: ({ baseline, comparison }) => (baseline ? 0 : (comparison?.difference ?? null)),
  macs: ({ macs }) => macs,
  parameters: ({ parameters }) => parameters,
  time: ({ deviceSeconds }) => deviceSeconds,
};

/** The value of a row in the column `key`: one of the above, or the path of an axis. */
function cellOf(row: AnswerRow, key: string): Value {
  const column = Object.hasOwn(COLUMNS, key) ? COLUMNS[key] : undefined;
  if (column) return column(row);
  const value = Object.hasOwn(row.axes, key) ? row.axes[key] : undefined;
  return value === undefined ? null : typeof value === 'number' ? value : JSON.stringify(value);
}

/** Ascending; values that are missing come last in both directions. */
function compare(a: Value, b: Value, direction: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return direction * (a - b);
  return direction * String(a).localeCompare(String(b));
}

/** `key`, or `-key` for the greatest first. */
export type Sort = { key: string; descending: boolean };
export const parseSort = (text: string | null): Sort | null =>
  text ? { key: text.replace(/^-/, ''), descending: text.startsWith('-') } : null;

/** The rows after the baseline, in order. */
export function sortedRows(answer: Answer, sort: Sort | null): AnswerRow[] {
  const rows = answer.rows.filter(({ baseline }) => !baseline);
  if (sort === null) return rows;
  const direction = sort.descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: cellOf(row, sort.key) }))
    .sort((a, b) => compare(a.value, b.value, direction) || a.row.position - b.row.position)
    .map(({ row }) => row);
}
