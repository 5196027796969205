import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from '../../apps/worker/src/checkpoint-files.ts';
import { service } from './service.ts';
import { STEPS_PER_EPOCH, tinyConfig } from './tiny.ts';

type Run = {
  state: string;
  cause: string;
  message: string;
  attempt: number;
  val_accuracy: number;
  test_accuracy: number;
};

test('a queued run is trained, and its rows say what came of it', async (t) => {
  const { submit, worker, finished, row, rows, checkpoints } = await service(t);
  const [runId] = await submit([tinyConfig()]);
  worker();
  await finished();

  const run = await row<Run>('SELECT * FROM run');
  assert.equal(run?.state, 'succeeded', run?.message);
  assert.equal(run.attempt, 1);
  assert.ok(run.val_accuracy >= 0 && run.test_accuracy > 0);
  const attempt = await row<{ cause: string; environment: { tensorflow: string; device: string } }>(
    'SELECT * FROM attempt',
  );
  assert.equal(attempt?.cause, 'completed');
  assert.match(attempt?.environment.tensorflow ?? '', /^\d+\.\d+/);

  const metrics = await rows<{ name: string; step: number }>('SELECT name, step FROM metric ORDER BY name, step');
  const names = ['learningRate', 'samplesPerSecond', 'train/accuracy', 'train/loss', 'val/accuracy', 'val/loss'];
  assert.deepEqual(
    metrics.map(({ name, step }) => [name, step]),
    names.flatMap((name) => [STEPS_PER_EPOCH, 2 * STEPS_PER_EPOCH].map((step) => [name, step])),
  );

  const files = await rows<{ kind: string; file: string; sha256: string }>('SELECT * FROM checkpoint ORDER BY kind');
  assert.deepEqual(
    files.map(({ kind }) => kind),
    ['best', 'last'],
  );
  for (const { file, sha256: expected } of files)
    assert.equal(sha256(await readFile(join(checkpoints, runId!, file))), expected);
  assert.deepEqual((await readdir(join(checkpoints, runId!))).sort(), files.map(({ file }) => file).sort());
});
