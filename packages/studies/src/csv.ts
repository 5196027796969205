/** Reads CSV (RFC 4180), as `formatCsv` writes it. */
import { UserError } from '@ablate/contracts';

/** The cells of a text, row by row. */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;
  while (cell.lastIndex < text.length) {
    const [all = '', value = '', end] = cell.exec(text) ?? [];
    if (all === '') throw new UserError('a quote is not closed');
    row.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === ',' && cell.lastIndex < text.length) continue;
    if (end === ',') row.push('');
    rows.push(row);
    row = [];
  }
  return rows;
}

/** One object per row. @throws UserError naming the line if a row has another number of cells than the head */
export function parseCsv(file: string, text: string): { columns: string[]; rows: Record<string, string>[] } {
  let cells: string[][];
  try {
    cells = cellsOf(text);
  } catch (error) {
    throw new UserError(`${file}: ${error instanceof Error ? error.message : error}`);
  }
  const [columns = [], ...rows] = cells;
  return {
    columns,
    rows: rows.map((row, i) => {
      if (row.length !== columns.length)
        throw new UserError(`${file}: row ${i + 1} has ${row.length} cells, but the head has ${columns.length}`);
      return Object.fromEntries(columns.map((column, j) => [column, row[j] ?? '']));
    }),
  };
}
