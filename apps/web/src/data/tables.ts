/** Tables of the pages and how they become files. Loaded when a reader saves one. */
export {
  answerTable,
  comparisonTable,
  curvesTable,
  differencesTable,
  effectsTable,
  failuresTable,
  interactionsTable,
  paretoTable,
} from '@ablate/answers';
export { formatCsv, formatLatex, formatMarkdown } from '@ablate/tables';
