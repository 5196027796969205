export { listStudies, type StudySummary } from './list.ts';
export { bestReading, overviewMarkdown } from './overview.ts';
export { type Choice, type PlannedSweep, plannedSweeps, runCommand, sweepPoints } from './plan.ts';
export { reportFiles } from './report/files.ts';
export { reportHtml } from './report/html.ts';
export { reportMarkdown } from './report/markdown.ts';
export { buildReport, readingOf } from './report/report.ts';
export {
  joined,
  ofSweep,
  type RunRow,
  readResults,
  resultsFolder,
  type SqlRows,
  STATEMENTS,
  toCsvText,
  writeResults,
} from './results.ts';
export { type StoredSweep, storedSweeps } from './stored-sweeps.ts';
export { readStudies, readStudy, STUDIES, type Study } from './study.ts';
export { MeasureName } from './study-text.ts';
