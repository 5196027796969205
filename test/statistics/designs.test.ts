import assert from 'node:assert/strict';
import test from 'node:test';
import {
  balancedPart,
  factorialAnova,
  fitTwoWay,
  type GridResult,
  paretoFront,
  paretoRanks,
  pedAnova,
} from '@ablate/statistics';
import fc from 'fast-check';
import { close } from './close.ts';
import { aov, reference } from './reference.ts';

test("balanced grids as by R's aov: seeds, main effects, two-way interactions, residual", () => {
  const kinds = {
    seed: () => 'factor(seed)',
    main: ([a]: readonly string[]) => a,
    interaction: ([a, b]: readonly string[]) => `${a}:${b}`,
    residual: () => 'Residuals',
  };
  for (const { axes, results, terms } of aov.grids) {
    const found = factorialAnova(results, axes).terms.filter(({ freedom }) => freedom > 0);
    assert.deepEqual(
      found.map(({ kind, axes: of }) => kinds[kind](of)),
      terms.map(({ name }) => name),
    );
    terms.forEach(({ name, freedom, squares, p }, i) => {
      assert.equal(found[i]!.freedom, freedom, name);
      close(found[i]!.squares, squares, 1e-9, name);
      if (p === null) assert.ok(Number.isNaN(found[i]!.p));
      else close(found[i]!.p, p, 1e-8, name);
    });
  }
});

const grid = (a: readonly string[], b: readonly string[], seeds: readonly number[]): GridResult[] =>
  a.flatMap((x) => b.flatMap((y) => seeds.map((seed) => ({ levels: { a: x, b: y }, seed, value: seed + x.length }))));

test('effects are differences of marginal means from the reference level', () => {
  const results = grid(['1', '22', '333'], ['x', 'y'], [1, 2]).map((one, i) => ({
    ...one,
    value: one.value + (i % 3),
  }));
  const { a } = factorialAnova(results, ['a', 'b'], { references: { a: '22' } }).effects;
  assert.deepEqual(
    a?.map(({ level, difference }) => [level, difference && Math.round(difference.mean)]),
    [
      ['1', -1],
      ['22', null],
      ['333', 1],
    ],
  );
  assert.throws(() => factorialAnova(results, ['a'], { references: { a: '4' } }), RangeError);
});

test('an unbalanced grid is refused, and its balanced part is found', () => {
  const whole = grid(['1', '22', '333'], ['x', 'y', 'z'], [1, 2, 3]);
  const ragged = [
    ...whole.filter(
      ({ levels, seed }) => !(levels.a === '333' && levels.b !== 'x') && !(levels.a === '1' && seed === 3),
    ),
    { levels: { a: '1' }, seed: 1, value: 5 }, // a config outside the grid
    { levels: { a: '1', b: 'w' }, seed: 1, value: Number.NaN },
  ];
  assert.throws(() => factorialAnova(ragged, ['a', 'b']), /not balanced/);
  const { results, seeds } = balancedPart(ragged, ['a', 'b']);
  assert.deepEqual(seeds, [1, 2]);
  assert.equal(results.length, 2 * 3 * 2);
  assert.equal(factorialAnova(results, ['a', 'b']).results, 12);
  assert.deepEqual(balancedPart([], ['a']), { results: [], seeds: [] });
  assert.throws(() => factorialAnova([], ['a']), RangeError);
});

test('without residual degrees of freedom there is no F and no p', () => {
  const { terms, effects } = factorialAnova(grid(['1', '22'], ['x', 'y'], [1]), ['a', 'b']);
  assert.ok(terms.every(({ p }) => Number.isNaN(p)));
  assert.equal(effects.a?.[1]?.difference, null);
});

test("the two-way model as by R's lm, balanced and with missing cells", () => {
  for (const { cells, configs, seeds, variance, freedom, difference, se } of aov.twoWay) {
    const fit = fitTwoWay(cells, { configs, seeds, reference: 0 });
    assert.equal(fit.freedom, freedom);
    close(fit.variance, variance, 1e-9, 'residual variance');
    difference.forEach((expected, i) => {
      const { mean, factor } = fit.difference(i + 1, 0);
      close(mean, expected, 1e-9, `difference of config ${i + 1}`, 1e-12);
      close(Math.sqrt(fit.variance * factor), se[i]!, 1e-9, `standard error of config ${i + 1}`);
    });
  }
});

test('configs that no chain of common seeds links to the reference are left out', () => {
  const cells = [
    ...[0, 1].flatMap((config) => [0, 1].map((seed) => ({ config, seed, value: config + seed ** 2 }))),
    ...[2, 3].flatMap((config) => [2, 3].map((seed) => ({ config, seed, value: 1000 * config * seed }))),
  ];
  const fit = fitTwoWay(cells, { configs: 5, seeds: 4, reference: 0 });
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((config) => fit.linked(config)),
    [true, true, false, false, false],
  );
  assert.equal(fit.freedom, 1);
  close(fit.difference(1, 0).mean, 1, 1e-12, 'difference');
});

test('one config, one seed or nothing leaves no degrees of freedom', () => {
  for (const cells of [
    [],
    [{ config: 0, seed: 0, value: 1 }],
    [0, 1, 2].map((seed) => ({ config: 0, seed, value: 1 })),
  ]) {
    const fit = fitTwoWay(cells, { configs: 2, seeds: 3, reference: 0 });
    assert.equal(fit.freedom, 0);
    assert.ok(Number.isNaN(fit.variance));
  }
});

test('the front keeps exactly the points that no other dominates', () => {
  const point = fc.record({ cost: fc.integer({ min: 0, max: 9 }), value: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(point, { maxLength: 40 }), (points) => {
      const dominated = (a: (typeof points)[number]) =>
        points.some((b) => b.cost <= a.cost && b.value >= a.value && (b.cost < a.cost || b.value > a.value));
      const expected = points.flatMap((one, i) => (dominated(one) ? [] : [i]));
      assert.deepEqual(
        paretoFront(points).sort((a, b) => a - b),
        expected,
      );
    }),
  );
  assert.deepEqual(
    paretoFront([
      { cost: 1, value: Number.NaN },
      { cost: 2, value: 1 },
    ]),
    [1],
  );
});

test('the rank of a point is the number of fronts that are peeled off before it', () => {
  const point = fc.record({ cost: fc.integer({ min: 0, max: 6 }), value: fc.integer({ min: 0, max: 6 }) });
  fc.assert(
    fc.property(fc.array(point, { maxLength: 40 }), (points) => {
      const expected = points.map(() => -1);
      for (let rank = 0; expected.includes(-1); rank++) {
        const left = points.flatMap((_, i) => (expected[i] === -1 ? [i] : []));
        for (const i of paretoFront(left.map((at) => points[at]!))) expected[left[i]!] = rank;
      }
      assert.deepEqual(paretoRanks(points), expected);
    }),
  );
});

test("PED-ANOVA as by Optuna's evaluator, with a log, a choice and a conditional axis", () => {
  const { trials, importance } = reference.importance;
  const found = pedAnova(trials, [
    { name: 'rate', kind: 'number', low: 1e-4, high: 1e-1, log: true },
    { name: 'drop', kind: 'number', low: 0, high: 0.5 },
    { name: 'order', kind: 'choice', choices: ['pre', 'post', 'parallel'] },
    { name: 'scale', kind: 'number', low: 0, high: 1 },
  ]);
  assert.equal(found.topTrials, 8);
  for (const [name, expected] of Object.entries(importance))
    close(found.importance[name]!, expected, 1e-9, `importance of ${name}`);
});

test('PED-ANOVA of nothing is nothing; a value outside the axis is an error', () => {
  const axis = { name: 'order', kind: 'choice', choices: ['pre'] } as const;
  assert.deepEqual(pedAnova([], [axis]), { importance: { order: 0 }, topTrials: 0 });
  const trials = [
    { values: { order: 'post' }, result: 1 },
    { values: { order: 'pre' }, result: Number.NaN },
    { values: { order: 'post' }, result: 2 },
  ];
  assert.throws(() => pedAnova(trials, [axis]), /axis "order" has no value "post"/);
});
