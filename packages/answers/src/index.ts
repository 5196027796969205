export { buildAnswer, marginOf } from './answer.ts';
export { axisTexts, formatPoint, formatValue } from './axes.ts';
export { namedConfig, specBaseline } from './baseline.ts';
export { buildComparison } from './compare.ts';
export { directionOf } from './comparisons.ts';
export type { Described } from './differences.ts';
export { type CorrectRuns, disagreementsOf, mcnemarTests } from './discordance.ts';
export { answerGrids } from './grids.ts';
export type { AnswerConfig, AnsweredSpec, AnswerInput, Values } from './input.ts';
