/**
 * Gaussian process regression with a Matérn 5/2 kernel, a length scale for each dimension, and noise that falls with the number of seeds. Fitted as Optuna 5's
 * `GPRegressor`, which knows neither replicates nor dimensions without a value.
 */
import type { Domain } from '../../domain.ts';
import { factorise, inverseOf, multiply, solveLower } from './cholesky.ts';
import { type Encoded, squaredDistance } from './encoding.ts';
import { minimise } from './minimise.ts';

/** Variances are in units of that of the values. `weights`: inverse squared length scale of each dimension. */
export type Kernel = { weights: readonly number[]; scale: number; noise: number };

/** `seeds`: results in the mean `value`. */
export type Observation = { x: Encoded; value: number; seeds: number };

const MIN_NOISE = 1e-6;
const ROUNDS = 100;
const TOLERANCE = 1e-2;

/** Matérn 5/2 of a squared distance: e^-√5r (5/3 r² + √5 r + 1), and its derivative by the squared distance. */
function matern(square: number): [value: number, slope: number] {
  const root = Math.sqrt(5 * square);
  const decay = Math.exp(-root);
  return [decay * ((5 / 3) * square + root + 1), (-5 / 6) * (root + 1) * decay];
}

export const unitKernel = (dimensions: number): Kernel => ({ weights: Array(dimensions).fill(1), scale: 1, noise: 1 });

/** Log density of a kernel's prior, and its derivatives by the logs of weights, scale and noise. */
function prior({ weights, scale, noise }: Kernel): { value: number; gradient: number[] } {
  const ofWeights = weights.reduce((sum, w) => sum - 0.1 / w - 0.1 * w, 0);
  return {
    value: ofWeights + Math.log(scale) - scale + 0.1 * Math.log(noise) - 30 * noise,
    gradient: [...weights.map((w) => 0.1 / w - 0.1 * w), 1 - scale, 0.1 - 30 * noise],
  };
}

/** The process at a point: `slopes` are derivatives of its covariances with the observations by squared distance, `solved` is K⁻¹k. */
type Estimate = { mean: number; variance: number; slopes: Float64Array; solved: Float64Array };

/** `alpha` is K⁻¹y. */
export type Posterior = { kernel: Kernel; alpha: Float64Array; at(x: Encoded): Estimate };

/** Squared distances between observations: one array of pairs (i > j) for each dimension. */
export function pairDistances(domains: readonly Domain[], observations: readonly Observation[]): Float64Array[] {
  const n = observations.length;
  return domains.map((domain, d) => {
    const squares = new Float64Array((n * (n - 1)) / 2);
    let at = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++)
        squares[at++] = squaredDistance(domain, observations[i]!.x[d] ?? null, observations[j]!.x[d] ?? null);
    return squares;
  });
}

/** Covariances of the observations with their slopes by squared distance. */
function covariances(distances: readonly Float64Array[], observations: readonly Observation[], kernel: Kernel) {
  const n = observations.length;
  const matrix = new Float64Array(n * n);
  const slopes = new Float64Array((n * (n - 1)) / 2);
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < i; j++, at++) {
      let square = 0;
      for (let d = 0; d < distances.length; d++) square += kernel.weights[d]! * distances[d]![at]!;
      const [value, slope] = matern(square);
      matrix[i * n + j] = kernel.scale * value;
      matrix[j * n + i] = kernel.scale * value;
      slopes[at] = kernel.scale * slope;
    }
    matrix[i * n + i] = kernel.scale + kernel.noise / observations[i]!.seeds;
  }
  return { matrix, slopes };
}

/** The negative log of the posterior of a kernel, without constants, and its derivatives by the logs of weights, scale and noise. */
export function kernelLoss(
  observations: readonly Observation[],
  kernel: Kernel,
  distances: readonly Float64Array[],
): { value: number; gradient: Float64Array } {
  const n = observations.length;
  const dimensions = distances.length;
  const { matrix, slopes } = covariances(distances, observations, kernel);
  const gradient = new Float64Array(dimensions + 2);
  if (!factorise(matrix, n)) return { value: Number.POSITIVE_INFINITY, gradient };
  const y = Float64Array.from(observations, ({ value }) => value);
  const white = solveLower(matrix, n, y);
  let value = 0;
  for (let i = 0; i < n; i++) value += Math.log(matrix[i * n + i]!) + 0.5 * white[i]! ** 2;
  const inverse = inverseOf(matrix, n);
  const alpha = multiply(inverse, n, y);
  // d loss = ½ Σ (K⁻¹ - αα')_ij dK_ij
  let [ofNoise, ofAll] = [0, 0];
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < i; j++, at++) {
      const share = inverse[i * n + j]! - alpha[i]! * alpha[j]!;
      slopes[at]! *= share;
      // The upper triangle of the factor still holds K.
      ofAll += share * matrix[j * n + i]!;
    }
    const share = inverse[i * n + i]! - alpha[i]! ** 2;
    ofNoise += 0.5 * share * (kernel.noise / observations[i]!.seeds);
    ofAll += 0.5 * share * kernel.scale;
  }
  for (let d = 0; d < dimensions; d++) {
    const squares = distances[d]!;
    let sum = 0;
    for (let at = 0; at < squares.length; at++) sum += slopes[at]! * squares[at]!;
    gradient[d] = sum * kernel.weights[d]!;
  }
  gradient[dimensions] = ofAll;
  gradient[dimensions + 1] = ofNoise;
  const believed = prior(kernel);
  for (let d = 0; d < gradient.length; d++) gradient[d]! -= believed.gradient[d]!;
  return { value: value - believed.value, gradient };
}

/** The kernel with the largest posterior, from `start`; the default one where that fails. */
export function fitKernel(domains: readonly Domain[], observations: readonly Observation[], start: Kernel): Kernel {
  const distances = pairDistances(domains, observations);
  const dimensions = domains.length;
  const kernelAt = (logs: Float64Array): Kernel => ({
    weights: Array.from(logs.subarray(0, dimensions), Math.exp),
    scale: Math.exp(logs[dimensions]!),
    noise: Math.exp(logs[dimensions + 1]!) + MIN_NOISE,
  });
  const { x, value } = minimise(
    (logs) => {
      const kernel = kernelAt(logs);
      const found = kernelLoss(observations, kernel, distances);
      // By the log of the noise above its minimum.
      found.gradient[dimensions + 1]! *= (kernel.noise - MIN_NOISE) / kernel.noise;
      return found;
    },
    Float64Array.from([...start.weights, start.scale, Math.max(start.noise - 0.99 * MIN_NOISE, 1e-9)], Math.log),
    { lower: -25, upper: 25, tolerance: TOLERANCE, rounds: ROUNDS },
  );
  return Number.isFinite(value) ? kernelAt(x) : unitKernel(dimensions);
}

/** The process given its observations. */
export function condition(domains: readonly Domain[], observations: readonly Observation[], kernel: Kernel): Posterior {
  const n = observations.length;
  const { matrix } = covariances(pairDistances(domains, observations), observations, kernel);
  for (let i = 0; i < n; i++) matrix[i * n + i]! += 1e-10;
  if (!factorise(matrix, n)) throw new RangeError('the covariance of the observations is not positive definite');
  const inverse = inverseOf(matrix, n);
  const alpha = multiply(
    inverse,
    n,
    Float64Array.from(observations, ({ value }) => value),
  );
  const at: Posterior['at'] = (x) => {
    const k = new Float64Array(n);
    const slopes = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let square = 0;
      for (let d = 0; d < domains.length; d++)
        square += kernel.weights[d]! * squaredDistance(domains[d]!, x[d] ?? null, observations[i]!.x[d] ?? null);
      const [value, slope] = matern(square);
      k[i] = kernel.scale * value;
      slopes[i] = kernel.scale * slope;
    }
    const solved = multiply(inverse, n, k);
    let [mean, explained] = [0, 0];
    for (let i = 0; i < n; i++) {
      mean += k[i]! * alpha[i]!;
      explained += k[i]! * solved[i]!;
    }
    return { mean, variance: Math.max(0, kernel.scale - explained), slopes, solved };
  };
  return { kernel, alpha, at };
}
