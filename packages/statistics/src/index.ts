export { expectedBest, expectedMaximum } from './best.ts';

export { binomialInterval, binomialTest, mcnemar } from './binomial.ts';
export { equivalenceP } from './equivalence.ts';
export { fastNormalCdf, logNormalCdf, logNormalMass, logTailExcess } from './error-function.ts';
export { estimate, geometricMean, mean, median, standardDeviation } from './estimate.ts';
export { evidence, evidentT } from './evidence.ts';
export {
  balancedPart,
  distinctLevels,
  factorialAnova,
  type GridResult,
} from './factorial.ts';
export { fisherCdf, fisherQuantile, fisherSurvival } from './fisher.ts';
export { paretoFront, paretoRanks } from './front.ts';
export { incompleteGamma, logGamma } from './gamma.ts';
export { holm } from './holm.ts';
export { pedAnova, type SearchAxis, type Trial } from './importance.ts';
export { kendallTau } from './kendall.ts';
export { noncentralSurvival } from './noncentral.ts';
export { normalCdf, normalQuantile, normalSurvival } from './normal.ts';
export {
  halfWidth,
  pairedDifference,
  pairedDifferences,
  pairedTest,
} from './paired.ts';
export { detectableEffect, detectableInSweep, seedsNeeded, testPower } from './power.ts';
export { type Pool, type RaceLook, raceLook } from './race.ts';
export { studentCdf, studentCritical, studentQuantile, studentSurvival, studentTwoSided } from './student.ts';
export { spreadProbability } from './test-set-noise.ts';
export { fitTwoWay } from './two-way.ts';
export {
  type SweepResult,
  sweepVerdict,
  VERDICT_WORDS,
} from './verdict.ts';
