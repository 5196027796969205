/** Tables for a terminal. */
import { padEnd, padStart, visible, widthOf } from './text.ts';

export type Cell = string | number | boolean | null | undefined;

const text = (cell: Cell): string => (cell === null || cell === undefined ? '' : String(cell));

/** Columns of equal width under a rule; columns of numbers are aligned right. No trailing spaces. */
export function formatTable(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = rows.map((row) => columns.map((_, i) => visible(text(row[i]))));
  const heads = columns.map(visible);
  const widths = heads.map((head, i) => Math.max(widthOf(head), ...cells.map((row) => widthOf(row[i] ?? ''))));
  const right = columns.map(
    (_, i) =>
      cells.some((row) => row[i] !== '') && cells.every((row) => row[i] === '' || /^[-+±]?[\d.]/.test(row[i] ?? '')),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (right[i] ? padStart(cell, widths[i] ?? 0) : padEnd(cell, widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(heads), widths.map((width) => '─'.repeat(width)).join('  '), ...cells.map(line)].join('\n');
}
