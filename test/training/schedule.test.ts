import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learningRate } from '@ablate/training';

const rates = {
  base: 0.4,
  schedule: { name: 'cosine', warmupEpochs: 0.5 },
  stepsPerEpoch: 8,
  totalSteps: 24,
} as const;

test('warm-up rises linearly to the base rate, and the cosine falls from there', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((step) => learningRate(step, rates)),
    [0.1, 0.2, 0.30000000000000004, 0.4, 0.4],
  );
  assert.ok(Math.abs(learningRate(14, rates) - 0.2) < 1e-12); // half-way between step 4 and step 24
  const last = learningRate(23, rates);
  assert.ok(last > 0 && last < 0.01);
});

test('a constant rate does not change after warm-up', () => {
  const constant = { ...rates, schedule: { name: 'constant', warmupEpochs: 0 } } as const;
  assert.deepEqual(
    [0, 23].map((step) => learningRate(step, constant)),
    [0.4, 0.4],
  );
});
