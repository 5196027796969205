import assert from 'node:assert/strict';
import test from 'node:test';
import { countedRandom, randomKey } from '@ablate/random';
import {
  condition,
  type Domain,
  fitKernel,
  kendallDistance,
  kernelLoss,
  logImprovement,
  mallows,
  type Observation,
  pairDistances,
  parzen,
  radicalInverse,
  sobolDigits,
  splitTrials,
  unitKernel,
  warp,
} from '@ablate/search';
import {
  evidence,
  evidentT,
  fastNormalCdf,
  kendallTau,
  logNormalCdf,
  logNormalMass,
  normalQuantile,
} from '@ablate/statistics';
import { close } from '../statistics/close.ts';
import { reference } from './reference.ts';

test('the normal distribution and its logs are those of mpmath, far into the tails', () => {
  for (const [x, p] of reference.normal) close(fastNormalCdf(x), p, 2e-13, `P(Z ≤ ${x})`);
  for (const [x, p] of reference.logNormal) close(logNormalCdf(x), p, 1e-14, `ln P(Z ≤ ${x})`);
  for (const [a, b, p] of reference.mass) close(logNormalMass(a, b), p, 2e-14, `ln P(${a} < Z ≤ ${b})`);
});

test('log expected improvement and its slope are those of mpmath', () => {
  for (const [z, value, slope] of reference.improvement) {
    const found = logImprovement(z);
    close(found[0], value, 1e-11, `at ${z}`, 1e-13);
    close(found[1], slope, 1e-8, `slope at ${z}`);
  }
});

test('evidence is the ratio of densities of t, and evidentT its inverse', () => {
  for (const [t, n, freedom, e] of reference.evidence) {
    close(evidence({ t, n, freedom }), e, 1e-12, `t ${t}, ${n} seeds, ${freedom} degrees of freedom`);
    if (t === 0) continue;
    close(evidentT({ n, freedom }, e), t, 1e-9, `t of ${e}`);
  }
  assert.equal(evidentT({ n: 2, freedom: 1 }, 20), Number.POSITIVE_INFINITY, 'two seeds of one pair show nothing');
});

test('Kendall’s tau is that of SciPy, and leaves out pairs within the noise', () => {
  for (const { points, tau } of reference.kendall) close(kendallTau(points).tau, tau, 1e-14, `${points.length} points`);
  const points = [
    [0, 0],
    [1, 0.1],
    [2, -5],
    [3, 4],
  ] as const;
  assert.deepEqual(kendallTau(points, [1.5, 1]), { tau: 1 / 3, pairs: 3 });
});

test('the Halton sequence is that of SciPy', () => {
  const bases = [2, 3, 5, 7, 11, 13, 17];
  reference.halton.forEach((row, i) => {
    row.forEach((value, d) => {
      close(radicalInverse(i + 1, bases[d]!), value, 1e-12, `point ${i}, dimension ${d}`);
    });
  });
});

test('the Sobol sequence is that of SciPy', () => {
  assert.equal(reference.sobol.length, 8);
  for (const [index = 0, ...row] of reference.sobol) {
    assert.equal(row.length, 64);
    assert.deepEqual(
      row.map((_, d) => sobolDigits(index, d) / 2 ** 30),
      row,
      `point ${index}`,
    );
  }
});

const range = (low: number, high: number, more: Partial<Extract<Domain, { kind: 'number' }>> = {}): Domain => ({
  kind: 'number',
  ...{ low, high, log: false, first: low, step: null, count: Number.POSITIVE_INFINITY },
  ...more,
});
const DOMAINS: Domain[] = [
  range(1e-4, 1, { log: true }),
  range(-2, 5),
  range(0, 1, { step: 0.25, count: 5 }),
  range(2, 9, { step: 1, count: 8 }),
  range(8, 512, { log: true, step: 1, count: 505 }),
  { kind: 'choice', values: ['a', 'b', 'c'] },
];

const columnsOf = (rows: readonly (readonly number[])[]): number[][] =>
  DOMAINS.map((_, d) => rows.map((row) => row[d]!));

test('a Parzen estimator has the density of Optuna’s', () => {
  for (const { observed, at, logDensity } of reference.parzen) {
    const estimator = parzen(DOMAINS, columnsOf(observed));
    at.forEach((point, i) => {
      close(estimator.logDensity(point), logDensity[i]!, 1e-10, `${observed.length} observations, point ${i}`);
    });
  }
});

test('a Parzen estimator draws values of its domains, near good ones', () => {
  const [{ observed } = { observed: [] }] = reference.parzen.slice(-1);
  const estimator = parzen(DOMAINS, columnsOf(observed.slice(0, 3)));
  const random = countedRandom(randomKey(1, 'test'));
  const draws = Array.from({ length: 300 }, () => estimator.draw(random).map(Number));
  for (const [rate, smoothing, share, depth, width, name] of draws as [
    number,
    number,
    number,
    number,
    number,
    number,
  ][]) {
    assert.ok(rate >= 1e-4 && rate <= 1 && smoothing >= -2 && smoothing <= 5);
    assert.ok([0, 0.25, 0.5, 0.75, 1].includes(share));
    assert.ok(Number.isInteger(depth) && depth >= 2 && depth <= 9);
    assert.ok(Number.isInteger(width) && width >= 8 && width <= 512);
    assert.ok([0, 1, 2].includes(name));
  }
  // The mean log density of draws exceeds that of even points.
  const mean = (points: readonly (readonly number[])[]): number =>
    points.reduce((sum, point) => sum + estimator.logDensity(point), 0) / points.length;
  assert.ok(mean(draws) > mean(reference.parzen.flatMap(({ at }) => at)));
});

test('good trials are those of Optuna: the deepest first, then the best', () => {
  const { good } = splitTrials(reference.split.trials.map(([depth, score], number) => ({ depth, score, number })));
  assert.deepEqual(
    good.map(({ number }) => number),
    reference.split.good,
  );
});

const { x, y, kernels, bestLoss } = reference.gp;
const GP_DOMAINS: Domain[] = [range(0, 1), range(0, 1), { kind: 'choice', values: [0, 1, 2] }];
const observations: Observation[] = x.map((point, i) => ({ x: point, value: y[i]!, seeds: 1 }));
const GP_DISTANCES = pairDistances(GP_DOMAINS, x);

test('a Gaussian process has Optuna’s likelihood, gradient, mean and variance', () => {
  for (const { loss, gradient, at, mean, variance, ...kernel } of kernels) {
    const found = kernelLoss(observations, kernel, GP_DISTANCES);
    close(found.value, loss, 1e-10, 'loss');
    gradient.forEach((slope, i) => {
      // Ours is by the log of the noise above its minimum.
      close(found.gradient[i]!, slope, 2e-6, `slope ${i}`, 1e-9);
    });
    const posterior = condition(GP_DOMAINS, observations, kernel);
    at.forEach((point, i) => {
      const estimate = posterior.at(point);
      close(estimate.mean, mean[i]!, 1e-6, 'mean');
      close(estimate.variance, variance[i]!, 1e-5, 'variance');
    });
  }
});

test('a fitted kernel is as likely as Optuna’s', () => {
  const { kernel, loss } = fitKernel(GP_DISTANCES, observations, unitKernel(3));
  close(kernelLoss(observations, kernel, GP_DISTANCES).value, loss, 1e-12, 'loss');
  assert.ok(loss < bestLoss + 0.01, `${loss} instead of ${bestLoss}`);
});

test('the gain of a point is what a result there changes, and its slopes are right', () => {
  const gaps = observations.map((one, i): Observation => ({ ...one, x: i % 3 ? one.x : [one.x[0]!, null, one.x[2]!] }));
  const kernel = { weights: [9, 0.3, 2], scale: 0.7, noise: 0.05 };
  const posterior = condition(GP_DOMAINS, gaps, kernel);
  const [origin, point] = [
    [0.5, 0.2, 1],
    [0.31, 0.62, 1],
  ];
  const { at, slopesAt } = posterior.against(origin);
  assert.ok(at(origin).deviation < 1e-12 && posterior.at(origin).variance > 1e-3, 'nothing improves on itself');
  const { mean, deviation } = at(point);
  close(mean, posterior.at(point).mean - posterior.at(origin).mean, 1e-12, 'mean');
  // A result that is a deviation larger than expected.
  const { mean: expected, variance } = posterior.at(point);
  const value = expected + Math.sqrt(variance + kernel.noise);
  const after = condition(GP_DOMAINS, [...gaps, { x: point, value, seeds: 1 }], kernel);
  close(after.at(point).mean - after.at(origin).mean - mean, deviation, 1e-6, 'deviation');
  const slopes = slopesAt(point, [0, 1]);
  close(slopes.deviation, deviation, 1e-12, 'deviation');
  for (const d of [0, 1]) {
    const moved = (by: number) => at(point.with(d, point[d]! + by));
    const [low, high] = [moved(-1e-5), moved(1e-5)];
    close(slopes.ofMean[d]!, (high.mean - low.mean) / 2e-5, 1e-6, `mean, dimension ${d}`);
    close(slopes.ofDeviation[d]!, (high.deviation - low.deviation) / 2e-5, 1e-6, `deviation, dimension ${d}`);
  }
});

test('a scale is bent where that makes scores likelier, and keeps their order', () => {
  const even = Array.from({ length: 40 }, (_, i) => normalQuantile((i + 0.5) / 40));
  const tailed = even.map((value) => -Math.exp(2 * value));
  const { values } = warp(tailed, 1);
  assert.ok(values.every((value, i) => i === 0 || value < values[i - 1]!));
  close(
    values.reduce((sum, value) => sum + value ** 2, 0),
    40,
    1e-12,
    'variance',
  );
  const density = (bend: number, of: readonly number[]): number => {
    const { values, logSlope } = warp(of, bend);
    return logSlope - values.reduce((sum, value) => sum + 0.5 * value ** 2, 0);
  };
  assert.ok(density(1, tailed) > density(0, tailed));
  assert.ok(density(1, even) < density(0, even));
  const inOtherUnits = tailed.map((score) => 9 * score + 2);
  close(density(1, inOtherUnits) - density(0, inOtherUnits), density(1, tailed) - density(0, tailed), 1e-10, 'units');
});

test('a process of many equal points with a large scale is still one', () => {
  const equal = Array.from({ length: 60 }, (): Observation => ({ x: [0.5, 0.5, 1], value: 2, seeds: 1 }));
  const { mean } = condition(GP_DOMAINS, equal, { weights: [1, 1, 1], scale: 1e9, noise: 1e-9 }).at([0.5, 0.5, 1]);
  close(mean, 2, 1e-6, 'mean');
});

test('the mean of n seeds is n observations', () => {
  const kernel = { weights: [9, 1, 1], scale: 1, noise: 0.2 };
  const [first, ...rest] = observations;
  const value = first!.value;
  const four = condition(GP_DOMAINS, [...Array(4).fill(first), ...rest], kernel).at([0.3, 0.3, 1]);
  const one = condition(GP_DOMAINS, [{ x: first!.x, value, seeds: 4 }, ...rest], kernel).at([0.3, 0.3, 1]);
  close(one.mean, four.mean, 1e-6, 'mean');
  close(one.variance, four.variance, 1e-6, 'variance');
});

test('Mallows’ distribution sums to 1 and is drawn as it is computed', () => {
  const theta = 0.7;
  const { logWhole, drawNear } = mallows(4, theta);
  const centre = [2, 0, 3, 1];
  const random = countedRandom(randomKey(2, 'test'));
  const counts = new Map<string, number>();
  const n = 20_000;
  for (let i = 0; i < n; i++) {
    const key = JSON.stringify(drawNear(centre, random));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  let whole = 0;
  for (const [key, found] of counts) {
    const p = Math.exp(-theta * kendallDistance(JSON.parse(key), centre) - logWhole);
    whole += p;
    assert.ok(Math.abs(found - n * p) < 5 * Math.sqrt(n * p), `${key}: ${found} instead of ${n * p}`);
  }
  close(whole, 1, 1e-12, 'sum');
});
