import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Progress, RunView } from '@ablate/contracts';
import { runningLine } from '../../apps/cli/src/sweep/run-line.ts';

const run = (progress: Progress | null): RunView => ({
  ...{ id: '', sweepId: '', state: 'running', cause: null, message: null, attempt: 1, paused: false, config: {} },
  ...{ configId: '', configHash: '' },
  ...{ axes: { 'model.patchSize': 4 }, seed: 1, valAccuracy: null, testAccuracy: null, trainAccuracy: null, notes: [] },
  reusedFrom: null,
  forkedFrom: null,
  ...{ createdAt: '', startedAt: null, finishedAt: null },
  progress,
});
const trained = { step: 6, totalSteps: 9, epoch: 2, epochs: 3, loss: 1.5, samplesPerSecond: 200, secondsLeft: 31 };
const untrained = {
  step: 0,
  totalSteps: 0,
  epoch: 0,
  epochs: 0,
  loss: null,
  samplesPerSecond: null,
  secondsLeft: null,
};

test('a line shows the stage of a run and its progress', () => {
  const line = (progress: Progress | null) => runningLine(run(progress), null).replace('patchSize 4 · seed 1  ', '');
  assert.equal(line(null), 'starting');
  assert.equal(line({ ...untrained, stage: { name: 'packing', done: 250, total: 1000 } }), 'packing 25 %');
  assert.equal(line({ ...untrained, stage: { name: 'packing', done: 250, total: null } }), 'packing 250');
  assert.equal(line({ ...untrained, stage: { name: 'waiting', done: 0, total: null } }), 'waiting');
  assert.equal(line(trained), 'epoch 2.0/3  loss 1.500  200 samples/s  0:31 left');
  assert.equal(
    line({ ...trained, stage: { name: 'testing', done: 5000, total: 10_000 } }),
    'epoch 2.0/3  loss 1.500  200 samples/s  testing 50 %  0:31 left',
  );
});
