import { cellText, type Table } from './table.ts';
import { visible } from './visible.ts';

const SPECIAL = /[\\`*_[\]<>|~#]/g;

/** Text that Markdown shows as it is. */
const plain = (text: string): string => visible(text).replace(SPECIAL, (c) => `\\${c}`);

/** A Markdown table, with what it says above and how to read it below. */
export function formatMarkdown({ columns, rows, sentences, legend }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    ...sentences.map((sentence) => `- ${plain(sentence)}`),
    ...(sentences.length > 0 ? [''] : []),
    line(columns.map(({ head }) => plain(head))),
    line(columns.map(({ right }) => (right ? '---:' : '---'))),
    ...rows.map((row) => line(row.map((cell) => plain(cellText(cell))))),
    ...(legend.length > 0 ? [''] : []),
    ...legend.map((one) => `${plain(one)}  `),
  ].join('\n');
}
