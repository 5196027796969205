import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { REPOSITORY } from '@ablate/files';
import { loadedModules } from '../support/loaded-modules.ts';

test('the trainer loads TensorFlow, and no code of database, queue or checkpoint store', async () => {
  const loaded = await loadedModules('./apps/trainer/src/trainer.ts');
  assert.ok(loaded.includes('packages/training/src/fit.ts'));
  assert.ok(loaded.some((path) => path.startsWith('node_modules/@tensorflow/')));
  assert.deepEqual(
    loaded.filter((path) =>
      /^(packages\/(db|checkpoints|sweeps)|node_modules\/(pg|@prisma|bullmq|ioredis|@aws-sdk))\//.test(path),
    ),
    [],
  );
});

test('a trainer without a worker exits and reports the reason', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'apps/trainer/src/trainer.ts'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /the trainer needs an IPC channel: it is started by a worker/);
});

test('the simulated trainer starts without TensorFlow', async () => {
  const loaded = await loadedModules('./packages/harness/src/simulated/trainer.ts');
  assert.ok(loaded.includes('packages/training/src/serve.ts'));
  assert.deepEqual(
    loaded.filter((path) => path.startsWith('node_modules/@tensorflow/')),
    [],
  );
});
