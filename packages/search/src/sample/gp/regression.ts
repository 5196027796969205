/**
 * Gaussian process regression with a Matérn 5/2 kernel, a length scale for each dimension, and noise that falls with the number of seeds. Fitted as Optuna 5's
 * `GPRegressor`, which knows neither replicates nor dimensions without a value.
 */
import type { Domain } from '../../domain.ts';
import { factorise, inverseOf, multiply, solveLower, solveUpper } from './cholesky.ts';
import { type Encoded, NOWHERE, squaredDistance } from './encoding.ts';
import { minimise } from './minimise.ts';

/** Variances are in units of that of the values. `weights`: inverse squared length scale of each dimension. */
export type Kernel = { weights: readonly number[]; scale: number; noise: number };

/** `seeds`: results in the mean `value`. */
export type Observation = { x: Encoded; value: number; seeds: number };

/**
 * Keeps covariances positive definite. Optuna's 1e-6 hides differences of a thousandth of the spread: near the optimum of an exact function the same point then
 * promises as much as any other, and is asked for again and again. Smaller than this, rounding of 250 observations may matter.
 */
const MIN_NOISE = 1e-9;
const ROUNDS = 100;
const TOLERANCE = 1e-2;

/** Matérn 5/2 of a squared distance: e^-√5r (5/3 r² + √5 r + 1), and its derivative by the squared distance. */
function matern(square: number): [value: number, slope: number] {
  const root = Math.sqrt(5 * square);
  const decay = Math.exp(-root);
  return [decay * ((5 / 3) * square + root + 1), (-5 / 6) * (root + 1) * decay];
}

export const unitKernel = (dimensions: number): Kernel => ({ weights: Array(dimensions).fill(1), scale: 1, noise: 1 });

/** Log density of a kernel's prior, and its derivatives by the logs of weights, scale and noise above its minimum. */
function prior({ weights, scale, noise }: Kernel): { value: number; gradient: number[] } {
  const ofWeights = weights.reduce((sum, w) => sum - 0.1 / w - 0.1 * w, 0);
  return {
    value: ofWeights + Math.log(scale) - scale + 0.1 * Math.log(noise) - 30 * noise,
    gradient: [...weights.map((w) => 0.1 / w - 0.1 * w), 1 - scale, (0.1 / noise - 30) * (noise - MIN_NOISE)],
  };
}

type Estimate = { mean: number; variance: number };
/**
 * How much better than another a point is: `mean`, and by how much one result there changes that (its standard deviation). For an exact result that is the deviation of
 * the process there.
 */
type Gain = { mean: number; deviation: number };
/** Derivatives by the numbers of a point in some dimensions. */
type Slopes = { ofMean: number[]; ofDeviation: number[] };

/** `alpha` is K⁻¹y. */
export type Posterior = {
  kernel: Kernel;
  alpha: Float64Array;
  at(x: Encoded): Estimate;
  /** The gain of a point over `origin`. */
  against(origin: Encoded): { at(x: Encoded): Gain; slopesAt(x: Encoded, members: readonly number[]): Gain & Slopes };
};

/** Variance of an observation that is noise: that above the minimum, which only keeps the covariances positive definite. */
export const noiseOf = ({ noise }: Kernel, { seeds }: Observation): number => (noise - MIN_NOISE) / seeds;

/** Squared distances between points: one array of pairs (i > j) for each dimension. */
export function pairDistances(domains: readonly Domain[], points: readonly Encoded[]): Float64Array[] {
  const n = points.length;
  return domains.map((domain, d) => {
    const squares = new Float64Array((n * (n - 1)) / 2);
    let at = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) squares[at++] = squaredDistance(domain, points[i]![d] ?? null, points[j]![d] ?? null);
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
    matrix[i * n + i] = kernel.scale + noiseOf(kernel, observations[i]!) + MIN_NOISE;
  }
  return { matrix, slopes };
}

/** The negative log of the posterior of a kernel, without constants, and its derivatives by the logs of weights, scale and noise above its minimum. */
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
    ofNoise += 0.5 * share * noiseOf(kernel, observations[i]!);
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

/** The kernel with the largest posterior, from `start`, and its loss; the default one where that fails. */
export function fitKernel(
  distances: readonly Float64Array[],
  observations: readonly Observation[],
  start: Kernel,
): { kernel: Kernel; loss: number } {
  const dimensions = distances.length;
  const kernelAt = (logs: Float64Array): Kernel => ({
    weights: Array.from(logs.subarray(0, dimensions), Math.exp),
    scale: Math.exp(logs[dimensions]!),
    noise: Math.exp(logs[dimensions + 1]!) + MIN_NOISE,
  });
  const { x, value } = minimise(
    (logs) => {
      return kernelLoss(observations, kernelAt(logs), distances);
    },
    Float64Array.from(
      [...start.weights, start.scale, Math.max(start.noise - 0.99 * MIN_NOISE, 0.01 * MIN_NOISE)],
      Math.log,
    ),
    { lower: -25, upper: 25, tolerance: TOLERANCE, rounds: ROUNDS },
  );
  return { kernel: Number.isFinite(value) ? kernelAt(x) : unitKernel(dimensions), loss: value };
}

/** Shares of the scale that are added to the diagonal, until rounding leaves it positive definite. */
const JITTERS = [0, 1e-10, 1e-6];

/** The lower triangle of the covariances of observations. */
function factorOf(
  distances: readonly Float64Array[],
  observations: readonly Observation[],
  kernel: Kernel,
): Float64Array {
  const n = observations.length;
  for (const jitter of JITTERS) {
    const { matrix } = covariances(distances, observations, kernel);
    for (let i = 0; i < n; i++) matrix[i * n + i]! += jitter * kernel.scale;
    if (factorise(matrix, n)) return matrix;
  }
  throw new RangeError('the covariance of the observations is not positive definite');
}

/** The process given its observations. */
export function condition(domains: readonly Domain[], observations: readonly Observation[], kernel: Kernel): Posterior {
  const n = observations.length;
  const distances = pairDistances(
    domains,
    observations.map(({ x }) => x),
  );
  const matrix = factorOf(distances, observations, kernel);
  const white = solveLower(
    matrix,
    n,
    Float64Array.from(observations, ({ value }) => value),
  );
  const alpha = solveUpper(matrix, n, white);
  const columns = domains.map((_, d) => Float64Array.from(observations, ({ x }) => Number(x[d] ?? NOWHERE.share)));
  const asides = domains.map((_, d) => Float64Array.from(observations, ({ x }) => (x[d] === null ? NOWHERE.aside : 0)));
  const squares = new Float64Array(n);
  /** Sets `squares` to the weighted squared distances of a point from the observations. */
  const measure = (x: Encoded): void => {
    squares.fill(0);
    domains.forEach((domain, d) => {
      const weight = kernel.weights[d]!;
      const here = x[d] ?? null;
      if (domain.kind !== 'number' || here === null) {
        for (let i = 0; i < n; i++)
          squares[i]! += weight * squaredDistance(domain, here, observations[i]!.x[d] ?? null);
        return;
      }
      const [column, aside] = [columns[d]!, asides[d]!];
      const at = Number(here);
      for (let i = 0; i < n; i++) squares[i]! += weight * ((at - column[i]!) ** 2 + aside[i]!);
    });
  };
  const estimate = (x: Encoded, slopes?: Float64Array): Estimate & { solved: Float64Array } => {
    measure(x);
    const covariance = new Float64Array(n);
    let mean = 0;
    for (let i = 0; i < n; i++) {
      const [value, slope] = matern(squares[i]!);
      covariance[i] = kernel.scale * value;
      mean += covariance[i]! * alpha[i]!;
      if (slopes) slopes[i] = kernel.scale * slope;
    }
    const solved = solveLower(matrix, n, covariance);
    let explained = 0;
    for (let i = 0; i < n; i++) explained += solved[i]! ** 2;
    return { mean, variance: Math.max(0, kernel.scale - explained), solved };
  };
  const against: Posterior['against'] = (origin) => {
    const there = estimate(origin);
    const sharesThere = solveUpper(matrix, n, there.solved);
    const between = (x: Encoded) =>
      matern(
        domains.reduce(
          (sum, domain, d) => sum + kernel.weights[d]! * squaredDistance(domain, x[d] ?? null, origin[d] ?? null),
          0,
        ),
      );
    const noise = kernel.noise - MIN_NOISE;
    const gainOf = (here: ReturnType<typeof estimate>, value: number) => {
      let shared = kernel.scale * value;
      for (let i = 0; i < n; i++) shared -= here.solved[i]! * there.solved[i]!;
      const own = here.variance - shared;
      const result = Math.sqrt(here.variance + noise + MIN_NOISE);
      return { mean: here.mean - there.mean, deviation: Math.abs(own) / result, own, result };
    };
    return {
      at: (x) => gainOf(estimate(x), between(x)[0]),
      slopesAt(x, members) {
        const slopes = new Float64Array(n);
        const here = estimate(x, slopes);
        const shares = solveUpper(matrix, n, here.solved);
        const [value, slope] = between(x);
        const { mean, deviation, own, result } = gainOf(here, value);
        const [ofMean, ofDeviation]: [number[], number[]] = [[], []];
        for (const d of members) {
          const column = columns[d]!;
          const at = Number(x[d]);
          const double = 2 * kernel.weights[d]!;
          let [first, variance, shared] = [0, 0, 0];
          for (let i = 0; i < n; i++) {
            const step = at - column[i]!;
            const change = double * slopes[i]! * step;
            first += alpha[i]! * change;
            variance -= 2 * shares[i]! * change;
            shared -= sharesThere[i]! * change;
          }
          shared += kernel.scale * slope * double * (at - Number(origin[d] ?? NOWHERE.share));
          ofMean.push(first);
          ofDeviation.push(
            (Math.sign(own) * (variance - shared)) / result - (deviation * variance) / (2 * result * result),
          );
        }
        return { mean, deviation, ofMean, ofDeviation };
      },
    };
  };
  return { kernel, alpha, at: estimate, against };
}
