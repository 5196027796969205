/** A sweep before it is submitted: device time from like runs, and the smallest difference that its seeds show. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { buildPlan, type EarlierSweep, type MeasuredRun, type Work, workOf } from '@ablate/answers';
import { Spec, SweepPlan } from '@ablate/contracts';
import { modelCost } from '@ablate/models/count';
import { expand } from '@ablate/search';
import { studentQuantile, sweepVerdict } from '@ablate/statistics';

const EVALUATED = { validation: 0.1, testImages: 0 };
const WORK: Work = {
  ...{
    configs: 2,
    family: 'vit',
    macs: 1e6,
    parameters: 1e5,
    dataset: 'd',
    epochImages: 900,
    epochs: 10,
    ...EVALUATED,
  },
};
const RUN: MeasuredRun = {
  ...{ sweep: 'one', family: 'vit', macs: 1e6, dataset: 'd', epochImages: 900, epochs: 10, seconds: 60, ...EVALUATED },
};

/** Results of `configs` configs around config + seed, with two values that differ by ± `noise`. */
const sweepOf = (configs: number, noise: number, alike: boolean): EarlierSweep => ({
  alike,
  values: new Map(
    Array.from({ length: configs }, (_, i) => {
      const sign = i % 2 === 0 ? 1 : -1;
      return [
        `${alike} ${i}`,
        new Map([1, 2].map((seed) => [seed, 0.5 + 0.01 * i + (seed === 1 ? 1 : -1) * sign * noise])),
      ];
    }),
  ),
});

const plan = (more: Partial<Parameters<typeof buildPlan>[0]> = {}): SweepPlan =>
  SweepPlan.parse(
    buildPlan({
      ...{ work: [WORK], seeds: 3, metric: 'accuracy', dataset: { name: 'shapes10', testImages: 2000 } },
      ...{ history: { measured: [], earlier: [] } },
      ...more,
    }),
  );

test('device time: the median of equal runs times the runs, with a range; more of a larger model, wider the less alike', () => {
  const measured = [50, 60, 60, 60, 80].map((seconds) => ({ ...RUN, seconds }));
  const { device, lines } = plan({ history: { measured, earlier: [] } });
  assert.ok(device);
  assert.ok(Math.abs(device.seconds - 6 * 60) < 1e-6, `${device.seconds}`);
  const off = (one: typeof device): number => one.high / one.seconds;
  // One sweep: its load may differ from the next one's by the assumed factor of 1.5, with three degrees of freedom.
  const factor = Math.exp(studentQuantile(0.9, 3) * Math.log(1.5) * Math.SQRT2);
  assert.ok(Math.abs(off(device) - factor) < 1e-6 && Math.abs(device.seconds / device.low - factor) < 1e-6);
  assert.match(lines[2] ?? '', /^Device time: about 6 min \(2 min to 15 min\), by 5 like runs\.$/);
  const larger = plan({ work: [{ ...WORK, macs: 1e8 }], history: { measured, earlier: [] } }).device;
  assert.ok(larger && Math.abs(larger.seconds / device.seconds - 100) < 1e-6);
  assert.ok(Math.abs(off(larger) - Math.exp(Math.hypot(Math.log(4), Math.log(factor)))) < 1e-6);
});

test('device time: the interval follows from how much sweeps differ, not from how many runs they have', () => {
  const spreadOf = (seconds: readonly number[], runs = 1): number => {
    const measured = seconds.flatMap((one, i) =>
      Array.from({ length: runs }, () => ({ ...RUN, sweep: `${i}`, seconds: one })),
    );
    const { device } = plan({ history: { measured, earlier: [] } });
    assert.ok(device);
    return device.high / device.seconds;
  };
  const steady = Array.from({ length: 8 }, () => 60);
  assert.ok(spreadOf(steady) < 1.5 && spreadOf([60]) > 2.5);
  assert.ok(spreadOf([20, 60, 180, 60]) > 1.5 * spreadOf([60, 60, 60, 60]));
  assert.ok(Math.abs(spreadOf([60], 10) - spreadOf([60])) < 1e-9);
});

test('device time: an image that is evaluated counts a third of one that is trained on', () => {
  const measured = [{ ...RUN, testImages: 9000 }];
  const { device } = plan({ work: [{ ...WORK, epochs: 1, testImages: 9000 }], history: { measured, earlier: [] } });
  const images = (epochs: number): number => 900 * epochs + (100 * epochs + 9000) / 3;
  assert.ok(device && Math.abs(device.seconds - (6 * 60 * images(1)) / images(10)) < 1e-6, `${device?.seconds}`);
});

test('device time: no estimate without a run of the family, and of a data set of unknown size until a run has told it', () => {
  const other = { history: { measured: [{ ...RUN, family: 'resnet' }], earlier: [] } };
  assert.deepEqual(plan(other).device, null);
  assert.match(plan(other).lines[2] ?? '', /no estimate yet: no vit run has finished/);
  const unknown = { ...WORK, epochImages: null };
  assert.match(
    plan({ work: [{ ...unknown, dataset: 'e' }], history: { measured: [RUN], earlier: [] } }).lines[2] ?? '',
    /images is known when/,
  );
  assert.equal(plan({ work: [unknown], history: { measured: [RUN], earlier: [] } }).device?.seconds, 360);
});

test('the difference that seeds show is that of the verdict, from the noise of runs of like length, of others, or assumed', () => {
  const earlier = [sweepOf(3, 0.01, true), sweepOf(3, 0.09, false)];
  const found = plan({ work: [{ ...WORK, configs: 3 }], seeds: 2, history: { measured: [], earlier } }).detectable;
  const [first] = earlier;
  assert.ok(found && first);
  const results = [...first.values].flatMap(([config, of]) =>
    [...of].map(([seed, value]) => ({ config, seed, value })),
  );
  const { noise, rows } = sweepVerdict(results, { baseline: 'true 0' });
  assert.ok(noise && Math.abs(found.sd - noise.sd) < 1e-12);
  const shown = rows[2]?.undecided?.detectable;
  assert.ok(shown && Math.abs(found.difference - shown) < 1e-12, `${found.difference} and ${shown}`);
  assert.deepEqual([found.source, found.runs], ['runs', 6]);
  const others = plan({ history: { measured: [], earlier: earlier.slice(1) } });
  assert.equal(others.detectable?.source, 'runs of other lengths');
  assert.match(others.lines[3] ?? '', /of 6 earlier runs on shapes10, of other lengths/);
  const assumed = plan();
  assert.equal(assumed.detectable?.sd, Math.sqrt(0.2 / 2000 / 2));
  assert.match(
    assumed.lines[3] ?? '',
    /These 3 seeds show differences from [\d.]+ points on.*assumed: two seeds disagree on 20 % of the 2,000/,
  );
});

test('one seed, one config, or unknown noise: the plan says so', () => {
  assert.match(plan({ seeds: 1 }).lines[3] ?? '', /^One seed: no estimate of noise/);
  const expected = { configs: 9, runs: 20, most: 30, trainings: 9, confirmed: { configs: 2, seeds: 3 } };
  assert.match(
    plan({ seeds: 1, expected }).lines[3] ?? '',
    /^The best are confirmed on 3 fresh seeds\. These 3 seeds show/,
  );
  assert.match(plan({ work: [{ ...WORK, configs: 1 }] }).lines[3] ?? '', /nothing to compare/);
  const unknown = plan({ dataset: { name: 'photos' } });
  assert.deepEqual(
    [unknown.detectable, /unknown, for no earlier run on photos/.test(unknown.lines[3] ?? '')],
    [null, true],
  );
  assert.match(plan({ history: null }).lines[2] ?? '', /the service, which has measured earlier runs, does not answer/);
});

test('configs that cost the same are one group, and 10,000 that differ are planned', () => {
  const expansion = expand(
    Spec.parse({
      version: 1,
      name: 'x',
      space: { 'model.depth': [1, 2], 'train.optimizer.learningRate': [0.1, 0.2, 0.3] },
    }),
  );
  assert.ok('points' in expansion);
  const work = workOf(expansion.points, modelCost);
  assert.deepEqual(
    work.map(({ configs, epochImages }) => [configs, epochImages]),
    [
      [3, 45_000],
      [3, 45_000],
    ],
  );
  const many = Array.from({ length: 10_000 }, (_, i) => ({
    ...WORK,
    configs: 1,
    macs: 1e6 + i * 1e5,
    epochs: 1 + (i % 50),
  }));
  const measured = Array.from({ length: 400 }, (_, i) => ({ ...RUN, macs: 1e5 * (i + 1) }));
  assert.equal(plan({ work: many, history: { measured, earlier: [] } }).configs, 10_000);
});
