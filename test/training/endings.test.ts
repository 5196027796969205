import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Diverged, failureOf } from '@ablate/training';

test('the cause of an error depends on whether a retry would fail in the same way', () => {
  // A message of TensorFlow; provoking it takes ten seconds, in which TensorFlow waits for memory.
  const message =
    'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[1073741824,16777216] and type float';
  const failure = failureOf(new Error(message));
  assert.equal(failure.cause, 'out_of_memory');
  assert.match(failure.message, /had used [\d,]+ MiB$/);
  assert.equal(failureOf(new Diverged('nan')).cause, 'diverged');
  assert.equal(failureOf(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })).cause, 'lost');
  assert.equal(failureOf(new Error('model.imageSize')).cause, 'user_error');
});
