import assert from 'node:assert/strict';
import test from 'node:test';
import {
  binomialInterval,
  binomialTest,
  detectableEffect,
  equivalenceP,
  estimate,
  expectedBest,
  expectedMaximum,
  holm,
  mcnemar,
  median,
  pairedDifference,
  pairedDifferences,
  pairedTest,
  seedsNeeded,
  spreadProbability,
  testPower,
} from '@ablate/statistics';
import { close } from './close.ts';
import { reference } from './reference.ts';

const minus = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value - b[i]!);

test('mean, spread and median of none, one and several values', () => {
  assert.equal(estimate([]), null);
  assert.deepEqual(estimate([0.5]), { mean: 0.5, sd: null, n: 1 });
  assert.deepEqual(estimate([1, 2, 3]), { mean: 2, sd: 1, n: 3 });
  assert.ok(Number.isNaN(median([])));
  assert.equal(median([3, 1, 2, 10]), 2.5);
});

test('paired t test and TOST as in SciPy and statsmodels, for 2 to 401 pairs', () => {
  for (const { a, b, p, interval, margin, tost } of reference.pairs) {
    const found = pairedTest(minus(a, b))!;
    close(found.p, p, 1e-9, `${a.length} pairs`);
    close(found.mean - found.half, interval[0], 1e-9, 'low');
    close(found.mean + found.half, interval[1], 1e-9, 'high');
    close(equivalenceP(found, margin), tost, 1e-9, `TOST of ${a.length} pairs`);
  }
  const { a, b, p } = reference.far;
  assert.ok(p < 1e-12);
  close(pairedTest(minus(a, b))!.p, p, 1e-7, 'a p far below 1e-12'); // the input's differences have 1e-9
});

test('pairs are the seeds that both have', () => {
  const baseline = new Map([[1, 0.5]]);
  assert.equal(pairedDifference(new Map([[2, 0.6]]), baseline), null);
  assert.deepEqual(pairedDifference(new Map([[1, 0.75]]), baseline), { mean: 0.25, half: null, pairs: 1 });
  assert.deepEqual(
    pairedDifferences(
      new Map([
        [2, 1],
        [1, 2],
      ]),
      new Map([
        [3, 0],
        [2, 5],
        [1, 5],
      ]),
    ),
    [-4, -3],
  );
  assert.equal(pairedTest([0.1]), null);
});

test('without spread, a difference has p = 0 and none has p = 1', () => {
  assert.deepEqual(pairedTest([0.5, 0.5, 0.5]), { mean: 0.5, se: 0, freedom: 2, half: 0, p: 0 });
  assert.equal(pairedTest([0, 0])!.p, 1);
  assert.equal(equivalenceP({ mean: 0.1, se: 0, freedom: 2 }, 0.5), 0);
  assert.equal(equivalenceP({ mean: 0.5, se: 0, freedom: 2 }, 0.5), 1);
});

test('Holm as in statsmodels, with ties; NaN is no test', () => {
  for (const [p, adjusted] of reference.holm)
    holm(p).forEach((value, i) => {
      close(value, adjusted[i]!, 1e-14, `p ${p[i]}`);
    });
  assert.deepEqual(holm([Number.NaN, 0.04, 0.01]), [Number.NaN, 0.04, 0.02]);
  assert.deepEqual(holm([]), []);
});

test('exact binomial interval and test as in SciPy', () => {
  for (const [successes, trials, low, high] of reference.binomialInterval) {
    const found = binomialInterval(successes, trials);
    close(found.low, low, 1e-10, `${successes} of ${trials}`);
    close(found.high, high, 1e-10, `${successes} of ${trials}`);
  }
  assert.deepEqual(binomialInterval(0, 0), { low: 0, high: 1 });
  for (const [successes, trials, share, p] of reference.binomialTest)
    if (p > 1e-290) close(binomialTest(successes, trials, share), p, 1e-9, `${successes} of ${trials} at ${share}`);
});

test('exact McNemar as in statsmodels', () => {
  for (const [b, c, p] of reference.mcnemar) close(mcnemar(b, c), p, 1e-10, `${b} against ${c}`);
});

test('power and smallest detectable effect as by TTestPower of statsmodels', () => {
  for (const [effect, n, alpha, power] of reference.power)
    close(testPower({ effect, n, alpha }), power, 0, `${effect} ${n} ${alpha}`, 1e-7);
  for (const [n, alpha, power, effect] of reference.detectable)
    close(detectableEffect({ n, alpha, power }), effect, 1e-6, `${n} ${alpha} ${power}`);
  assert.ok(Number.isNaN(detectableEffect({ n: 1, alpha: 0.05, power: 0.8 })));
});

test('seeds needed as by TTestPower, and null where no number suffices', () => {
  for (const [effect, alpha, power, n] of reference.seeds)
    assert.equal(
      seedsNeeded(effect, (pairs) => detectableEffect({ n: pairs, alpha, power })),
      n <= 100 ? n : 10 * Math.ceil(n / 10), // two digits
    );
  assert.equal(
    seedsNeeded(1e-9, () => 1),
    null,
  );
  assert.equal(
    seedsNeeded(0, () => 0),
    null,
  );
});

test('expected maximum of k equal configs', () => {
  for (const [k, expected] of reference.maximum) close(expectedMaximum(k), expected, 1e-10, `k ${k}`, 1e-12);
});

test('expected best of k is the mean over all subsets', () => {
  const values = [0.3, 0.9, 0.1, 0.9, 0.5];
  const subsets = (k: number, from = 0): number[][] =>
    k === 0
      ? [[]]
      : values.slice(from).flatMap((value, i) => subsets(k - 1, from + i + 1).map((rest) => [value, ...rest]));
  for (let k = 1; k <= 5; k++) {
    const best = subsets(k).map((subset) => Math.max(...subset));
    close(expectedBest(values, k)!, best.reduce((a, b) => a + b) / best.length, 1e-14, `best of ${k}`);
  }
  assert.equal(expectedBest(values, 6), null);
  assert.equal(expectedBest([], 1), null);
});

test('the spread of the first README sample is implausible for a test set of 10,000 images', () => {
  const disagreement = { discordant: 2500, images: 10_000 };
  close(spreadProbability({ sd: 0.000067, n: 2 }, disagreement), 0.0107, 0.01, 'chance of so small a spread');
  assert.ok(spreadProbability({ sd: 0.004, n: 2 }, disagreement) > 0.3);
  assert.ok(Number.isNaN(spreadProbability({ sd: 0.1, n: 2 }, { discordant: 0, images: 10 })));
});
