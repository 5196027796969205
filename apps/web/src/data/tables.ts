/** Tables of the pages and how they become files. Loaded when a reader saves one. */
import {
  answerTable,
  comparisonTable,
  confusionTable,
  curvesTable,
  differencesTable,
  effectsTable,
  failuresTable,
  interactionsTable,
  metricsTable,
  paretoTable,
  pointsTable,
} from '@ablate/answers';
import { formatCsv, formatLatex, formatMarkdown, type Table } from '@ablate/tables';

export const TABLES = {
  answer: answerTable,
  comparison: comparisonTable,
  confusion: confusionTable,
  curves: curvesTable,
  differences: differencesTable,
  effects: effectsTable,
  failures: failuresTable,
  interactions: interactionsTable,
  metrics: metricsTable,
  pareto: paretoTable,
  points: pointsTable,
};

export const FORMATS = {
  CSV: { ending: 'csv', type: 'text/csv', format: ({ data }: Table) => formatCsv(data.columns, data.rows) },
  Markdown: { ending: 'md', type: 'text/markdown', format: formatMarkdown },
  LaTeX: { ending: 'tex', type: 'text/x-tex', format: formatLatex },
};
