import assert from 'node:assert/strict';
import test from 'node:test';
import type { RunView } from '@ablate/contracts';
import { ablation, formatAblation } from '../../apps/cli/src/sweep/ablation.ts';
import { axisNames, formatPoint, formatValue } from '../../apps/cli/src/sweep/axes.ts';

const run = (
  axes: Record<string, unknown>,
  seed: number,
  testAccuracy: number | null,
  state: RunView['state'] = testAccuracy === null ? 'running' : 'succeeded',
): RunView => ({
  id: '7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11',
  sweepId: '7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c12',
  state,
  cause: null,
  message: null,
  paused: false,
  attempt: 1,
  configId: '7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c13',
  configHash: '',
  config: {},
  axes,
  seed,
  progress: null,
  valAccuracy: testAccuracy === null ? null : testAccuracy + 0.01,
  testAccuracy,
  trainAccuracy: testAccuracy,
  notes: [],
  createdAt: '2030-01-01T00:00:00Z',
  startedAt: null,
  finishedAt: null,
});

const four = { 'model.patchSize': 4 };
const eight = { 'model.patchSize': 8 };
const close = (actual: number | null | undefined, expected: number) =>
  assert.ok(typeof actual === 'number' && Math.abs(actual - expected) < 5e-4, `${actual} is not ${expected}`);

// By hand: differences .04 .05 .03 .08, mean .05, sd .0216, t(3) 3.182, half 3.182 · .0216 / 2 = .0344.
const runs = [
  ...[0.51, 0.5, 0.52, 0.49].map((accuracy, i) => run(eight, [3, 1, 2, 4][i] ?? 0, accuracy)),
  ...[0.57, 0.54, 0.54, 0.57].map((accuracy, i) => run(four, [4, 3, 1, 2][i] ?? 0, accuracy)),
];

test('means, sample standard deviations, and differences paired by seed', () => {
  const [base, other] = ablation(runs);
  close(base?.test?.mean, 0.505);
  close(base?.test?.sd, 0.0129);
  assert.equal(base?.n, 4);
  assert.equal(base?.baseline, true);
  close(other?.validation?.mean, 0.565);
  close(other?.difference?.mean, 0.05);
  close(other?.difference?.half, 0.0344);
  assert.equal(other?.difference?.pairs, 4);
});

test('the baseline is the point that the spec names, else the first', () => {
  const rows = ablation(runs, { baseline: four });
  assert.deepEqual(
    rows.map(({ baseline }) => baseline),
    [false, true],
  );
  close(rows[0]?.difference?.mean, -0.05);
});

test('only runs that succeeded count, and only seeds that both have are paired', () => {
  const [base, other] = ablation([
    run(eight, 1, 0.5),
    run(eight, 2, 0.9, 'failed'),
    run(four, 1, 0.6),
    run(four, 2, 0.2),
    run(four, 3, null),
  ]);
  assert.deepEqual([base?.n, base?.failed, base?.unfinished], [1, 1, 0]);
  assert.deepEqual([other?.n, other?.failed, other?.unfinished], [2, 0, 1]);
  assert.equal(other?.difference?.pairs, 1);
  assert.equal(other?.difference?.half, null);
});

test('the table says what can be told from noise, and what cannot', () => {
  const noisy = [0.51, 0.515, 0.52, 0.485].map((accuracy, i) => run({ 'model.patchSize': 16 }, i + 1, accuracy));
  const table = formatAblation(ablation([...runs, ...noisy]));
  assert.match(table, /^patchSize +n +validation % +test % +Δ test/);
  assert.match(table, /^ +8 +4 +51\.50 ± 1\.29 +50\.50 ± 1\.29 +baseline$/m);
  // The interval has the variance pooled over the table: with the config's own it is ± 3.44.
  assert.match(table, /^ +4 +4 +56\.50 ± 1\.73 +55\.50 ± 1\.73 +\+5\.00 ± 2\.\d\d +better$/m);
  assert.match(table, /^ +16 .* cannot be told from noise \(\d\.\d\d or more would show\)$/m);
  assert.match(table, /against patchSize 8, paired by seed/);
});

test('two seeds whose differences hardly vary are not called better (the sample of README before)', () => {
  const accuracies: [number, number[]][] = [
    [8, [0.3031, 0.3081]],
    [4, [0.3059, 0.3041]],
    [2, [0.3049, 0.3047]],
    [16, [0.30595, 0.30905]],
  ];
  const rows = ablation(
    accuracies.flatMap(([patchSize, values]) => values.map((value, i) => run({ patchSize }, i, value))),
  );
  const closest = rows[3];
  // Its own paired interval excludes 0 by far; that of the pooled variance does not.
  close(closest?.difference?.mean, 0.0019);
  assert.ok(closest?.difference?.half && closest.difference.half > 0.0019);
  assert.equal(closest.verdict, 'noise');
});

test('a single seed is never called better or worse', () => {
  const table = formatAblation(ablation([run(eight, 1, 0.1), run(four, 1, 0.9)]));
  assert.match(table, /\+80\.00 +one seed: no estimate of noise/);
});

test('axes are named as shortly as they can be told apart', () => {
  assert.deepEqual(axisNames(['model.patchSize', 'train.epochs']), ['patchSize', 'epochs']);
  assert.deepEqual(axisNames(['model.small.width', 'model.large.width']), ['small.width', 'large.width']);
  assert.equal(formatValue({ preset: 'resnet20' }), 'resnet20');
  assert.equal(formatPoint({ model: { preset: 'resnet20' }, 'train.epochs': 3 }), 'resnet20, epochs 3');
});
