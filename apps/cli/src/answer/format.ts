/** An answer as text, Markdown, LaTeX, CSV or JSON. */
import { formatValue } from '@ablate/answers';
import type { Answer, AnswerRow } from '@ablate/contracts';
import { formatCsv } from '@ablate/sql';
import { asJson } from '../command.ts';
import { formatTable } from '../table.ts';
import { visible } from '../text.ts';
import { answerColumns, type Cell, cellText } from './columns.ts';
import { legend } from './legend.ts';
import type { Format } from './options.ts';

/** The table of an answer in a terminal, with a legend below. */
function answerTable(answer: Answer): string {
  const columns = answerColumns(answer);
  const cells = answer.rows.map((row) => columns.map(({ cell }) => cellText(cell(row))));
  const heads = columns.map(({ head }) => head);
  return [formatTable(heads, cells), ...legend(answer).map(visible)].join('\n');
}

/** The sentences, the table, and the notes of the runs. */
const terminal = (answer: Answer): string =>
  [
    ...answer.headline.map(visible),
    '',
    answerTable(answer),
    ...answer.notes.map((note) => `note: ${visible(note)}`),
  ].join('\n');

const SPECIAL_MARKDOWN = /[\\`*_[\]<>|~#]/g;

/** Text that Markdown shows as it is. */
const markdownText = (text: string): string => visible(text).replace(SPECIAL_MARKDOWN, (c) => `\\${c}`);

function markdown(answer: Answer): string {
  const columns = answerColumns(answer);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    ...answer.headline.map((sentence) => `- ${markdownText(sentence)}`),
    '',
    line(columns.map(({ head }) => markdownText(head))),
    line(columns.map(({ right }) => (right ? '---:' : '---'))),
    ...answer.rows.map((row) => line(columns.map(({ cell }) => markdownText(cellText(cell(row)))))),
    '',
    ...legend(answer).map((one) => `${markdownText(one)}  `),
    ...answer.notes.map((note) => `note: ${markdownText(note)}  `),
  ].join('\n');
}

const SPECIAL_LATEX: Readonly<Record<string, string>> = {
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
const latexText = (text: string): string =>
  visible(text).replace(/[\\{}$&#^_~%Δ±×−–<>]/g, (c) => SPECIAL_LATEX[c] ?? c);

/** A cell for siunitx: `\num{58.12 +- 0.33}`. */
function latexCell(cell: Cell): string {
  if (cell === null) return '';
  if ('text' in cell) return latexText(cell.text);
  const { value, spread, digits, signed } = cell;
  const plus = signed && value >= 0 ? '+' : '';
  return `\\num{${plus}${value.toFixed(digits)}${spread === null ? '' : ` +- ${spread.toFixed(digits)}`}}`;
}

/** A table for booktabs and siunitx. Numbers are aligned right, since their precision is the same in a column. */
function latex(answer: Answer): string {
  const columns = answerColumns(answer);
  const line = (cells: readonly string[]) => `  ${cells.join(' & ')} \\\\`;
  return [
    '% \\usepackage{booktabs}',
    '% \\usepackage{siunitx} \\sisetup{separate-uncertainty, retain-explicit-plus}',
    ...answer.headline.map((sentence) => `% ${visible(sentence)}`),
    `\\begin{tabular}{${columns.map(({ right }) => (right ? 'r' : 'l')).join('')}}`,
    '  \\toprule',
    line(columns.map(({ head }) => latexText(head))),
    '  \\midrule',
    ...answer.rows.map((row) => line(columns.map(({ cell }) => latexCell(cell(row))))),
    '  \\bottomrule',
    '\\end{tabular}',
    ...legend(answer).map((one) => `% ${visible(one)}`),
  ].join('\n');
}

/** Columns for programs: full precision, one value each. */
const CSV: readonly [head: string, cell: (row: AnswerRow) => string | number | boolean | null][] = [
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
];

const csv = ({ axes, rows }: Answer): string =>
  formatCsv(
    [...axes.map(({ path }) => path), ...CSV.map(([head]) => head)],
    rows.map((row) => [
      ...axes.map(({ path }) => {
        const value = row.axes[path];
        return typeof value === 'number' ? value : Object.hasOwn(row.axes, path) ? formatValue(value) : null;
      }),
      ...CSV.map(([, cell]) => cell(row)),
    ]),
  );

const RENDER: Readonly<Record<Format, (answer: Answer) => string>> = {
  table: terminal,
  markdown,
  latex,
  csv,
  json: asJson,
};

export const formatAnswer = (answer: Answer, format: Format = 'table'): string => RENDER[format](answer);
