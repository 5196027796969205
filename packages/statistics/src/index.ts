export { expectedBest, expectedMaximum } from './best.ts';
export { betaQuantile, incompleteBeta } from './beta.ts';
export { binomialDensity, binomialInterval, binomialTest, type Interval, mcnemar } from './binomial.ts';
export { equivalenceP } from './equivalence.ts';
export { type Estimate, estimate, geometricMean, mean, median, standardDeviation } from './estimate.ts';
export {
  type AnovaTerm,
  balancedPart,
  type Factorial,
  factorialAnova,
  type GridResult,
  type LevelEffect,
} from './factorial.ts';
export { fisherCdf, fisherQuantile, fisherSurvival } from './fisher.ts';
export { paretoFront } from './front.ts';
export { incompleteGamma, logGamma } from './gamma.ts';
export { holm } from './holm.ts';
export { type AxisValue, FEWEST_TOP_TRIALS, pedAnova, type SearchAxis, type Trial } from './importance.ts';
export { noncentralSurvival } from './noncentral.ts';
export { normalCdf, normalDensity, normalQuantile, normalSurvival } from './normal.ts';
export {
  type Difference,
  type DifferenceTest,
  differenceTest,
  halfWidth,
  pairedDifference,
  pairedDifferences,
  pairedTest,
} from './paired.ts';
export { type Design, detectableEffect, seedsNeeded, testPower } from './power.ts';
export { studentCdf, studentCritical, studentQuantile, studentSurvival, studentTwoSided } from './student.ts';
export { type Disagreement, discordantDeviation, IMPLAUSIBLE, spreadProbability } from './test-set-noise.ts';
export { type Cell, fitTwoWay, type TwoWayFit } from './two-way.ts';
export {
  type AdjustedTest,
  type SweepResult,
  type SweepVerdict,
  sweepVerdict,
  type Undecided,
  VERDICT_WORDS,
  type Verdict,
  type VerdictOptions,
  type VerdictRow,
} from './verdict.ts';
