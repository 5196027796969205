/** An answer as text, Markdown, LaTeX, CSV or JSON. */
import { answerTable } from '@ablate/answers';
import type { Answer } from '@ablate/contracts';
import { cellText, formatCsv, formatLatex, formatMarkdown, type Table } from '@ablate/tables';
import { visible } from '@ablate/tables/visible';
import { asJson } from '../command.ts';
import { formatTable } from '../table.ts';
import type { Format } from './options.ts';

/** The sentences, the table and its legend. */
const terminal = ({ sentences, columns, rows, legend }: Table): string =>
  [
    ...sentences.map(visible),
    '',
    formatTable(
      columns.map(({ head }) => head),
      rows.map((row) => row.map(cellText)),
    ),
    ...legend.map(visible),
  ].join('\n');

const RENDER: Readonly<Record<Exclude<Format, 'json'>, (table: Table) => string>> = {
  table: terminal,
  markdown: formatMarkdown,
  latex: formatLatex,
  csv: ({ data }) => formatCsv(data.columns, data.rows),
};

export const formatAnswer = (answer: Answer, format: Format = 'table'): string =>
  format === 'json' ? asJson(answer) : RENDER[format](answerTable(answer));
