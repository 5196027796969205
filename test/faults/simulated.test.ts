import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulatedTrainer } from '@ablate/harness/simulated';
import { undisturbed } from '@ablate/harness/simulated/fit';
import { service } from '../support/service.ts';
import { tinyConfig } from '../support/tiny.ts';

test('the results of a simulated run depend on config and seed alone', async (t) => {
  const { submit, worker, finished, rows } = await service(t);
  const config = tinyConfig({ epochs: 3 });
  const [one, two] = await submit([config], [1, 2]);
  worker({ ...simulatedTrainer({ seconds: 0.2 }), ABLATE_SLOTS: '2' });
  await finished();
  for (const [seed, runId] of [one, two].entries()) {
    const { result, metrics } = undisturbed(config, seed + 1);
    const [run] = await rows('SELECT val_accuracy, test_accuracy, best_epoch FROM run WHERE id = $1', [runId]);
    assert.deepEqual(run, {
      val_accuracy: result.valAccuracy,
      test_accuracy: result.testAccuracy,
      best_epoch: result.bestEpoch,
    });
    const found = await rows<{ name: string; step: number; value: number }>(
      `SELECT name, step, value FROM metric_point WHERE run_id = $1 AND name <> 'samplesPerSecond'`,
      [runId],
    );
    assert.deepEqual(
      Object.fromEntries(found.map(({ name, step, value }) => [`${name} ${step}`, value])),
      Object.fromEntries(metrics),
    );
  }
  assert.notEqual(undisturbed(config, 1).result.valAccuracy, undisturbed(config, 2).result.valAccuracy);
});
