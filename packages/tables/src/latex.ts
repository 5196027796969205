import type { Cell, Table } from './table.ts';
import { visible } from './visible.ts';

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '^': '\\textasciicircum{}',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '%': '\\%',
  Δ: '$\\Delta$',
  '±': '$\\pm$',
  '×': '$\\times$',
  '−': '$-$',
  '–': '--',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
};

/** Text that LaTeX shows as it is. */
const plain = (text: string): string => visible(text).replace(/[\\{}$&#^_~%Δ±×−–<>]/g, (c) => SPECIAL[c] ?? c);

/** A cell for siunitx: `\num{58.12 +- 0.33}`. */
function formatCell(cell: Cell): string {
  if (cell === null) return '';
  if ('text' in cell) return plain(cell.text);
  const { value, spread, digits, signed } = cell;
  const plus = signed && value >= 0 ? '+' : '';
  return `\\num{${plus}${value.toFixed(digits)}${spread === null ? '' : ` +- ${spread.toFixed(digits)}`}}`;
}

/** A table for booktabs and siunitx. Numbers are aligned right, since their precision is the same in a column. */
export function formatLatex({ columns, rows, sentences, legend }: Table): string {
  const line = (cells: readonly string[]) => `  ${cells.join(' & ')} \\\\`;
  return [
    '% \\usepackage{booktabs}',
    '% \\usepackage{siunitx} \\sisetup{separate-uncertainty, retain-explicit-plus}',
    ...sentences.map((sentence) => `% ${visible(sentence)}`),
    `\\begin{tabular}{${columns.map(({ right }) => (right ? 'r' : 'l')).join('')}}`,
    '  \\toprule',
    line(columns.map(({ head }) => plain(head))),
    '  \\midrule',
    ...rows.map((row) => line(row.map(formatCell))),
    '  \\bottomrule',
    '\\end{tabular}',
    ...legend.map((one) => `% ${visible(one)}`),
  ].join('\n');
}
