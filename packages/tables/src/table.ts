/** A table before it is text: what a reader sees, and the same for programs. */

/** A cell: text, or a number as `value ± spread`, with a sign if it is a difference. */
export type Cell = { text: string } | { value: number; spread: number | null; digits: number; signed: boolean } | null;

export type Table = {
  /** `right` if the cells are numbers. */
  columns: readonly { head: string; right: boolean }[];
  rows: readonly (readonly Cell[])[];
  /** What the table says, in sentences. */
  sentences: readonly string[];
  /** How to read it. */
  legend: readonly string[];
  data: TableData;
};

/** Full precision, one value each, with names for a program. */
type TableData = {
  columns: readonly string[];
  rows: readonly (readonly (string | number | boolean | null)[])[];
};

export const textCell = (text: string): Cell => (text === '' ? null : { text });

/** A number without a spread. */
export const numberCell = (value: number | null, digits = 0): Cell =>
  value === null ? null : { value, spread: null, digits, signed: false };

/** A cell as text: `+13.14 ± 1.71`. */
export function cellText(cell: Cell): string {
  if (cell === null) return '';
  if ('text' in cell) return cell.text;
  const { value, spread, digits, signed } = cell;
  const size = (signed ? Math.abs(value) : value).toFixed(digits);
  const sign = signed ? (value < 0 ? '-' : '+') : '';
  return `${sign}${size}${spread === null ? '' : ` ± ${spread.toFixed(digits)}`}`;
}
