import assert from 'node:assert/strict';
import test from 'node:test';
import { canonicalHash, Space } from '@ablate/contracts';
import {
  ask,
  condition,
  logImprovement,
  openSampleSpace,
  propose,
  readSubspaces,
  type Sampler,
  type SampleSpace,
  sobol,
  type Trial,
} from '@ablate/search';
import { close } from '../statistics/close.ts';
import { reference } from './reference.ts';

const parts = {
  dataset: { name: 'cifar10', validation: 0.1, splitSeed: 0 },
  model: {},
  train: {},
  augment: 'none',
} as const;

function sampleSpace(space: unknown, isValid: (axes: Record<string, unknown>) => boolean = () => true): SampleSpace {
  const read = readSubspaces({ ...parts, space: Space.parse(space) });
  assert.ok('subspaces' in read, JSON.stringify(read));
  return openSampleSpace(read.subspaces, ({ axes }) => (isValid(axes) ? canonicalHash(axes) : null));
}

/** So many asks, each with a result before the next. */
function search(space: SampleSpace, sampler: Sampler, count: number, score: (axes: Record<string, unknown>) => number) {
  const trials: Trial[] = [];
  for (let number = 0; number < count; number++) {
    const asked = ask(space, trials, { sampler, seed: 5, number });
    if (!asked) break;
    trials.push({ point: asked.point, score: score(asked.point.candidate.axes), depth: 0, seeds: 1 });
  }
  return trials;
}

const axesOf = (trials: readonly Trial[]) => trials.map(({ point }) => point.candidate.axes);

const CONDITIONAL = {
  'train.optimizer.name': ['adamw', 'sgd'],
  'train.optimizer.momentum': { min: 0, max: 0.99, when: 'train.optimizer.name == "sgd"' },
  'train.optimizer.learningRate': { min: 1e-4, max: 1, scale: 'log' },
  'model.depth': { min: 1, max: 8, integer: true },
};
/** Best with SGD at a momentum of .9, a rate of .1 and a depth of 5. */
const conditionalScore = (axes: Record<string, unknown>): number =>
  -((Math.log10(Number(axes['train.optimizer.learningRate'])) + 1) ** 2) -
  0.1 * (Number(axes['model.depth']) - 5) ** 2 -
  (axes['train.optimizer.name'] === 'sgd' ? (Number(axes['train.optimizer.momentum']) - 0.9) ** 2 : 0.5);

for (const [sampler, count] of [
  ['tpe', 60],
  ['gp', 22],
] as const)
  test(`${sampler}: a conditional space is searched better than at random`, () => {
    const space = sampleSpace(CONDITIONAL);
    const best = (of: Sampler) =>
      Math.max(...search(space, of, count, conditionalScore).map(({ score }) => score ?? Number.NaN));
    const found = best(sampler);
    assert.ok(found > best('random') && found > -0.15, `${found} against ${best('random')}`);
    for (const axes of axesOf(search(space, sampler, 20, conditionalScore)))
      assert.equal('train.optimizer.momentum' in axes, axes['train.optimizer.name'] === 'sgd', JSON.stringify(axes));
  });

test('the same trials, seed and number give the same config; another seed another', () => {
  const space = sampleSpace(CONDITIONAL);
  const trials = search(space, 'random', 15, conditionalScore);
  for (const sampler of ['random', 'halton', 'sobol', 'tpe', 'gp'] as const) {
    const of = (seed: number) => ask(space, trials, { sampler, seed, number: 15 })?.point.hash;
    assert.equal(of(1), of(1), sampler);
    assert.notEqual(of(1), of(2), sampler);
  }
});

test('of exact results, the first proposal of a Gaussian process promises as much as Optuna’s best of ten', () => {
  const { x, y, kernels, exact } = reference.gp;
  const space = sampleSpace({ 'train.a': { min: 0, max: 1 }, 'train.b': { min: 0, max: 1 }, 'train.c': [0, 1, 2] });
  const observations = x.map((point, i) => ({ x: point, value: y[i]!, seeds: 1 }));
  const posterior = condition(
    space.dimensions.map(({ domain }) => domain),
    observations,
    exact,
  );
  const incumbent = x[y.indexOf(Math.max(...y))]!;
  const gain = posterior.against(incumbent);
  const improvementAt = (point: readonly number[]): number => {
    const { mean, deviation } = gain.at(point);
    return logImprovement(mean / deviation)[0] + Math.log(deviation);
  };
  kernels[0]!.at.forEach((point, i) => {
    close(improvementAt(point), exact.logImprovement[i]!, 1e-4, `at ${point}`);
  });
  const [first] = propose(space, posterior, { incumbent, seed: 1, number: 0 });
  const found = improvementAt(first!.map(Number));
  assert.ok(found > exact.largest - 1e-3, `${found} instead of ${exact.largest}`);
});

for (const sampler of ['random', 'sobol', 'tpe'] as const)
  test(`${sampler}: every valid config of a small space is asked for once, then none`, () => {
    const space = sampleSpace(
      {
        'model.depth': [1, 2, 3, 4],
        'model.heads': { min: 1, max: 6, integer: true },
        augment: { permutation: ['a', 'b'] },
      },
      ({ 'model.depth': depth, 'model.heads': heads }) => (Number(depth) + Number(heads)) % 2 === 0,
    );
    const trials = search(space, sampler, 100, (axes) => Number(axes['model.depth']));
    assert.equal(trials.length, 24);
    assert.equal(new Set(trials.map(({ point }) => point.hash)).size, 24);
    assert.equal(ask(space, trials, { sampler, seed: 5, number: 24 }), null);
  });

test('scrambled Sobol points are as even as the sequence: one in each cell, of every shape', () => {
  const unit = { min: 0, max: 1 };
  const { dimensions } = sampleSpace(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`train.x${i}`, unit])));
  const points = Array.from({ length: 64 }, (_, i) => sobol(dimensions, 7)(i).map(Number));
  const cells = (of: (point: number[]) => unknown) => new Set(points.map((point) => JSON.stringify(of(point)))).size;
  for (const d of dimensions.keys())
    assert.equal(
      cells((point) => Math.floor(point[d]! * 64)),
      64,
      `dimension ${d}`,
    );
  for (const rows of [2, 4, 8, 16, 32])
    assert.equal(
      cells(([x = 0, y = 0]) => [Math.floor(x * rows), Math.floor((y * 64) / rows)]),
      64,
      `${rows} rows`,
    );
});

test('configs that are being tried are avoided', () => {
  const space = sampleSpace({ 'train.labelSmoothing': { min: 0, max: 0.5 } });
  const done = search(space, 'random', 12, (axes) => -((Number(axes['train.labelSmoothing']) - 0.2) ** 2));
  for (const sampler of ['tpe', 'gp'] as const) {
    const trials = [...done];
    const values: number[] = [];
    for (let number = 12; number < 17; number++) {
      const asked = ask(space, trials, { sampler, seed: 5, number });
      assert.ok(asked);
      values.push(Number(asked.point.candidate.axes['train.labelSmoothing']));
      trials.push({ point: asked.point, score: null, depth: 0, seeds: 0 });
    }
    const sorted = values.sort((a, b) => a - b);
    assert.ok(
      sorted.every((value, i) => i === 0 || value - sorted[i - 1]! > 1e-4),
      `${sampler}: ${sorted.join(', ')}`,
    );
  }
});

test('a permutation is searched towards the best order', () => {
  const items = ['a', 'b', 'c', 'd', 'e'];
  const space = sampleSpace({ augment: { permutation: items } });
  const score = ({ augment }: Record<string, unknown>): number =>
    -[augment].flat().filter((item, i) => item !== items[4 - i]).length;
  const found = search(space, 'tpe', 40, score);
  assert.ok(
    found.some((trial) => trial.score === 0),
    'one order of 120 in 40 asks',
  );
});

test('a union of subspaces is one space; an axis that they share is one dimension', () => {
  const rate = { min: 1e-4, max: 1, scale: 'log' };
  const space = sampleSpace([
    { 'train.optimizer.learningRate': rate, 'model.depth': [1, 2] },
    { 'train.optimizer.learningRate': rate, 'model.heads': [1, 2, 3] },
  ]);
  assert.deepEqual(
    space.dimensions.map(({ name }) => name),
    ['subspace', 'train.optimizer.learningRate', 'model.depth', 'model.heads'],
  );
  const trials = search(space, 'tpe', 30, (axes) => ('model.heads' in axes ? Number(axes['model.heads']) : 0));
  assert.ok(axesOf(trials).every((axes) => 'model.depth' in axes !== 'model.heads' in axes));
  assert.ok(axesOf(trials.slice(15)).filter((axes) => axes['model.heads'] === 3).length > 6);
});

test('a search goes on where every config failed', () => {
  const space = sampleSpace({ 'train.labelSmoothing': { min: 0, max: 0.5 } });
  for (const sampler of ['tpe', 'gp'] as const)
    assert.equal(search(space, sampler, 13, () => Number.NEGATIVE_INFINITY).length, 13, sampler);
});

test('failed configs are the worst', () => {
  const space = sampleSpace({ 'train.labelSmoothing': { min: 0, max: 0.5 } });
  const score = (axes: Record<string, unknown>): number => {
    const x = Number(axes['train.labelSmoothing']);
    return x > 0.25 ? Number.NEGATIVE_INFINITY : -((x - 0.1) ** 2);
  };
  for (const sampler of ['tpe', 'gp'] as const) {
    const late = axesOf(search(space, sampler, 30, score).slice(10)).map((axes) =>
      Number(axes['train.labelSmoothing']),
    );
    assert.ok(late.filter((x) => x <= 0.25).length > 12, `${sampler}: ${late.join(', ')}`);
  }
});
