export { formatCsv } from './csv.ts';
export { formatLatex } from './latex.ts';
export { formatMarkdown } from './markdown.ts';
export { type Cell, cellText, numberCell, type Table, textCell } from './table.ts';
