import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadedModules } from '../support/loaded-modules.ts';

test('the worker loads no TensorFlow and none of the training code that needs it', async () => {
  const loaded = await loadedModules('./apps/worker/src/worker.ts');
  assert.ok(loaded.includes('apps/worker/src/train-run.ts') && loaded.includes('packages/training/src/env.ts'));
  assert.deepEqual(
    loaded.filter((path) => path.startsWith('node_modules/@tensorflow/') || path === 'packages/training/src/fit.ts'),
    [],
  );
});
