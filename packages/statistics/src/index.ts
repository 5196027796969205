export { type Estimate, estimate, geometricMean, mean, median, standardDeviation } from './estimate.ts';
export { type Difference, halfWidth, pairedDifference } from './paired.ts';
