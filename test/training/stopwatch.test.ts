import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStopwatch } from '@ablate/training/stopwatch';

const busy = (milliseconds: number) => {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
};

// Stopped between the last step of an epoch and its evaluation, a resumed run evaluates first. The worker refuses a negative time.
test('the time left does not become negative in a run that evaluates before its first step', () => {
  const watch = startStopwatch();
  watch.evaluating(100, () => busy(50));
  for (let step = 0; step < 3; step++) watch.step(32, () => busy(1));
  const left = watch.secondsFor({ steps: 2, images: 0 });
  assert.ok(left >= 0.002, `${left} s`);
  assert.ok(watch.secondsFor({ steps: 2, images: 100 }) >= left + 0.05);
});
