import assert from 'node:assert/strict';
import test from 'node:test';
import { expectedMaximum, type SweepResult, sweepVerdict, VERDICT_WORDS } from '@ablate/statistics';
import fc from 'fast-check';
import { close } from './close.ts';

/** A config a row, a seed a column; null for a run without a result. */
const table = (rows: Record<string, readonly (number | null)[]>): SweepResult[] =>
  Object.entries(rows).flatMap(([config, values]) => values.map((value, seed) => ({ config, seed, value })));

const verdicts = (rows: Record<string, readonly (number | null)[]>, options = {}) =>
  Object.fromEntries(
    sweepVerdict(table(rows), { baseline: 'base', ...options }).rows.map(({ config, verdict }) => [config, verdict]),
  );

const sweep = {
  base: [70.1, 70.4, 69.9, 70.2],
  good: [72.0, 72.5, 71.8, 72.2],
  bad: [66.9, 67.4, 67.0, 67.0],
  alike: [70.2, 70.3, 69.9, 70.3],
  unclear: [70.6, 70.3, 70.6, 71.1],
};

test('better, worse, equivalent within the margin, noise', () => {
  assert.deepEqual(verdicts(sweep, { margin: 0.5 }), {
    base: 'baseline',
    good: 'better',
    bad: 'worse',
    alike: 'equivalent',
    unclear: 'noise',
  });
  assert.equal(verdicts(sweep).alike, 'noise');
});

test('a row carries its reasons in numbers', () => {
  const { rows, comparisons, noise, luck } = sweepVerdict(table(sweep), { baseline: 'base', margin: 0.5 });
  const [base, good, , alike, unclear] = rows;
  assert.equal(comparisons, 4);
  assert.equal(noise?.freedom, 12); // (5 - 1) (4 - 1)
  close(luck!, (expectedMaximum(5) * noise!.sd) / 2, 1e-12, 'luck of the best');
  assert.deepEqual([base?.pairs, base?.paired, base?.undecided], [null, null, null]);
  close(good!.paired!.mean, 1.975, 1e-12, 'difference');
  close(good!.pooled!.mean, 1.975, 1e-12, 'difference');
  close(good!.pooled!.se, noise!.sd * Math.sqrt(2 / 4), 1e-12, 'pooled standard error');
  assert.ok(good!.pooled!.adjusted >= good!.pooled!.p && good!.pooled!.adjusted < 0.05);
  assert.equal(good?.undecided, null);
  assert.ok(alike!.equivalence!.p < 0.05);
  const { detectable, seeds } = unclear!.undecided!;
  assert.ok(detectable! > Math.abs(unclear!.paired!.mean)); // four seeds do not show it …
  assert.ok(seeds.observed! > 4 && seeds.observed! <= 12); // … and these would
});

test('one seed gives no estimate of noise, however large the difference', () => {
  assert.deepEqual(verdicts({ base: [10], far: [90] }), { base: 'baseline', far: 'no-noise-estimate' });
  assert.equal(verdicts({ ...sweep, far: [99, null, null, null] }).far, 'no-noise-estimate');
});

test('the first README sample: two seeds and an uncommonly small spread are not enough', () => {
  // Two seeds whose differences happen to agree, beside ViTs that spread by .2 points.
  const rows = {
    base: [57.02, 57.31],
    parallel: [57.29, 57.59],
    post: [56.7, 57.35],
    patch4: [58.2, 58.1],
    resnet: [79.4, 79.6],
  };
  assert.deepEqual(verdicts(rows), {
    base: 'baseline',
    parallel: 'noise',
    post: 'noise',
    patch4: 'noise',
    resnet: 'better',
  });
});

test('failed runs and NaN are missing; a config without a common seed has no result', () => {
  const rows = { ...sweep, failed: [null, null, null, null], diverged: [Number.NaN, null, 70, 70.4] };
  const found = sweepVerdict(table(rows), { baseline: 'base' }).rows;
  assert.deepEqual(
    found.slice(-2).map(({ verdict, missing, estimate, pairs }) => [verdict, missing, estimate?.n, pairs?.n]),
    [
      ['no-result', 4, undefined, 0],
      ['noise', 2, 2, 2],
    ],
  );
  assert.equal(verdicts({ base: [null, null], other: [1, 2] }).other, 'no-result');
  assert.equal(verdicts({ base: [1, 2, null, null], other: [null, null, 1, 2] }).other, 'no-result');
});

test('with missing pairs the pooled difference is by least squares, the paired one over common seeds', () => {
  const rows = { ...sweep, part: [null, 72.4, 71.9, 72.1] };
  const { rows: found } = sweepVerdict(table(rows), { baseline: 'base' });
  const part = found.at(-1);
  assert.equal(part?.verdict, 'better');
  assert.equal(part?.pairs?.n, 3);
  close(part!.paired!.mean, (2 + 2 + 1.9) / 3, 1e-12, 'paired');
  assert.notEqual(part?.pooled?.mean, part?.paired?.mean);
});

test('with two configs the pooled test is the paired test', () => {
  const { rows } = sweepVerdict(table({ base: [1, 2, 4], other: [2, 4, 5] }), { baseline: 'base' });
  const { paired, pooled, guarded } = rows[1]!;
  close(pooled!.p, paired!.p, 1e-12, 'p');
  assert.equal(guarded, null);
});

test('one config alone is the baseline', () => {
  const { rows, noise, luck, comparisons } = sweepVerdict(table({ base: [1, 2] }), { baseline: 'base' });
  assert.deepEqual([rows[0]?.verdict, noise, luck, comparisons], ['baseline', null, null, 0]);
});

test('without any spread there is no estimate of noise', () => {
  assert.equal(verdicts({ base: [0.5, 0.6, 0.7], other: [0.51, 0.61, 0.71] }).other, 'no-noise-estimate');
  assert.equal(verdicts({ base: [0.5, 0.5], other: [0.5, 0.5], third: [0.5, 0.5] }).third, 'no-noise-estimate');
});

test('a config whose differences do not spread is judged by the spread of the others', () => {
  const shifted = { ...sweep, shifted: sweep.base.map((value) => value + 0.05) };
  assert.equal(verdicts(shifted).shifted, 'noise');
});

test('a diverged seed does not drown the others: its config leaves the pool', () => {
  const rows = { ...sweep, diverged: [70.3, 10, 70.1, 70.4] };
  const { rows: found, noise } = sweepVerdict(table(rows), { baseline: 'base', margin: 0.5 });
  const last = found.at(-1)!;
  assert.deepEqual([last.verdict, last.standsOut, last.guarded], ['noise', true, null]);
  assert.equal(last.pooled?.se, last.paired?.se);
  assert.ok(noise!.sd < 0.5);
  assert.deepEqual(
    found.slice(0, 3).map(({ verdict }) => verdict),
    ['baseline', 'better', 'worse'],
  );
});

test('configs that agree to the last image do not make another stand out', () => {
  const { rows, noise } = sweepVerdict(table({ base: [70.1, 70.4], same: [70.3, 70.6], other: [70.2, 70.8] }), {
    baseline: 'base',
  });
  assert.deepEqual(
    rows.map(({ standsOut }) => standsOut),
    [false, false, false],
  );
  assert.ok(noise !== null && noise.sd > 0.05);
});

test('a baseline with a diverged seed is better or worse than nothing', () => {
  assert.deepEqual(
    new Set(Object.values(verdicts({ ...sweep, base: [70.1, 10, 69.9, 70.2] }))),
    new Set(['baseline', 'noise']),
  );
});

test('a spread far below what the discordant images allow is flagged', () => {
  const rows = { base: [0.5702, 0.5731], parallel: [0.57294, 0.57585], patch4: [0.582, 0.581] };
  const disagreements = new Map([
    ['parallel', { discordant: 2500, images: 10_000 }],
    ['patch4', { discordant: 2500, images: 10_000 }],
  ]);
  const [, parallel, patch4] = sweepVerdict(table(rows), { baseline: 'base', disagreements }).rows;
  assert.ok(parallel!.implausible!.probability < 0.02);
  assert.equal(patch4?.implausible, null);
});

test('an unknown baseline and a duplicate run are errors', () => {
  assert.throws(() => sweepVerdict(table(sweep), { baseline: 'x' }), /unknown baseline "x"/);
  assert.throws(
    () => sweepVerdict([...table(sweep), { config: 'base', seed: 0, value: 1 }], { baseline: 'base' }),
    /duplicate run: config "base" has seed 0 twice/,
  );
  assert.throws(() => sweepVerdict([], { baseline: 'base' }), RangeError);
});

test('no verdict claims that there is no difference', () => {
  assert.ok(Object.values(VERDICT_WORDS).every((words) => !words.includes('no difference')));
});

test('verdicts do not depend on order, unit or a common shift', () => {
  const value = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 100 }) }, fc.constant(null));
  const rows = fc.record({
    base: fc.array(value, { minLength: 4, maxLength: 4 }),
    a: fc.array(value, { minLength: 4, maxLength: 4 }),
    b: fc.array(value, { minLength: 4, maxLength: 4 }),
  });
  fc.assert(
    fc.property(rows, (found) => {
      const results = table(found);
      const judge = (of: SweepResult[]) =>
        new Map(sweepVerdict(of, { baseline: 'base' }).rows.map(({ config, verdict }) => [config, verdict]));
      const expected = judge(results);
      const scaled = results.map((one) => ({ ...one, value: one.value === null ? null : one.value / 128 + 4 }));
      for (const [config, verdict] of judge(scaled.reverse())) assert.equal(verdict, expected.get(config));
    }),
  );
});

test('1,000 configs with 20 seeds and gaps are judged', () => {
  const results = Array.from({ length: 20_000 }, (_, i) => ({
    config: `${i % 1000}`,
    seed: Math.floor(i / 1000),
    value: i % 17 === 0 ? null : 70 + Math.sin(i * 12.9898) + (i % 1000 === 7 ? 9 : 0),
  }));
  const { rows, comparisons } = sweepVerdict(results, { baseline: '0' });
  assert.equal(comparisons, 999);
  assert.equal(rows[7]?.verdict, 'better');
});
