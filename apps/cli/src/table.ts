/** Tables for a terminal. */
import { visible } from '@ablate/tables/visible';
import { padEnd, padStart, widthOf } from './text.ts';

export type Cell = string | number | boolean | null | undefined;

/** A number, perhaps with its deviation or its unit: `81.20 ± 0.31`, `12.5 MB`. */
const NUMBER = /^[-+±]?[\d.,]+( |$)/;

type Rows = readonly (readonly Cell[])[];

const text = (cell: Cell): string => (cell === null || cell === undefined ? '' : String(cell));

const GAP = '  ';

/** Heads and cells as they are shown, and the width of each column. */
function layOut(columns: readonly string[], rows: Rows) {
  const cells = rows.map((row) => columns.map((_, i) => visible(text(row[i]))));
  const heads = columns.map(visible);
  const widths = heads.map((head, i) =>
    cells.reduce((width, row) => Math.max(width, widthOf(row[i] ?? '')), widthOf(head)),
  );
  return { heads, cells, widths };
}

/** Columns of a terminal that a table takes. */
export const tableWidth = (columns: readonly string[], rows: Rows): number =>
  layOut(columns, rows).widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);

/** Columns of equal width under a rule; columns of numbers are aligned right. No trailing spaces. */
export function formatTable(columns: readonly string[], rows: Rows): string {
  const { heads, cells, widths } = layOut(columns, rows);
  const right = columns.map(
    (_, i) => cells.some((row) => row[i] !== '') && cells.every((row) => row[i] === '' || NUMBER.test(row[i] ?? '')),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (right[i] ? padStart(cell, widths[i] ?? 0) : padEnd(cell, widths[i] ?? 0)))
      .join(GAP)
      .trimEnd();
  return [line(heads), widths.map((width) => '─'.repeat(width)).join(GAP), ...cells.map(line)].join('\n');
}

/** One line for each value, under a rule for each row: for rows that are too wide for a table. */
export function formatRecords(columns: readonly string[], rows: Rows): string {
  const { heads, cells } = layOut(columns, rows);
  const width = Math.max(0, ...heads.map(widthOf));
  return cells
    .flatMap((row, number) => [
      `─── row ${number + 1} ───`,
      ...row.map((cell, i) => `${padEnd(heads[i] ?? '', width)}${GAP}${cell}`.trimEnd()),
    ])
    .join('\n');
}
