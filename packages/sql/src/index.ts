export { toCsv, toJsonRows, toObjects, toParquet, typeName } from './formats.ts';
export { builtInQueries, parseQueryFile, type Query } from './query-file.ts';
export { SqlError, type SqlProblem } from './refusal.ts';
export { type Answer, type ParameterValue, runStatement } from './run-statement.ts';
export { checkStatement } from './statement.ts';
