/** Scores on the scale on which a Gaussian process sees them. */
import { mean } from '@ablate/statistics';

/**
 * Ways to bend a scale, of which the fit takes the likeliest. 0 leaves scores as they are. 1 takes logs of their distance to the best in standard deviations,
 * so that a few very bad configs do not decide how smooth the good ones look.
 */
export const BENDS = [0, 1];

/** `values` have mean 0 and variance 1. `logSlope`: sum of the logs of their derivatives by the scores, without a part that all bends share. */
type Warped = { values: number[]; logSlope: number };

/** Standard deviation of all values, not of a sample; 1 where they are the same. */
function deviationOf(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2))) || 1;
}

/** Finite scores, the larger the better, on a bent scale. Snelson, Rasmussen and Ghahramani, "Warped Gaussian processes", NIPS 2003. */
export function warp(scores: readonly number[], bend: number): Warped {
  const spread = deviationOf(scores);
  const best = Math.max(...scores);
  const distances = scores.map((score) => (bend * (best - score)) / spread);
  const bent = bend === 0 ? scores.map((score) => score / spread) : distances.map((distance) => -Math.log1p(distance));
  const [centre, deviation] = [mean(bent), deviationOf(bent)];
  const steepest = bend === 0 ? 1 : bend;
  return {
    values: bent.map((value) => (value - centre) / deviation),
    logSlope:
      scores.length * Math.log(steepest / deviation) -
      distances.reduce((sum, distance) => sum + Math.log1p(distance), 0),
  };
}
