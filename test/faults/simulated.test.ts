import assert from 'node:assert/strict';
import { test } from 'node:test';
import { undisturbed } from '../support/simulated/fit.ts';
import { simulatedTrainer } from '../support/simulated/index.ts';
import { service } from '../worker/service.ts';
import { tinyConfig } from '../worker/tiny.ts';

test('a simulated run ends with the figures that config and seed alone decide, and another seed with others', async (t) => {
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
    const told = await rows<{ name: string; step: number; value: number }>(
      `SELECT name, step, value FROM metric_point WHERE run_id = $1 AND name <> 'samplesPerSecond'`,
      [runId],
    );
    assert.deepEqual(
      Object.fromEntries(told.map(({ name, step, value }) => [`${name} ${step}`, value])),
      Object.fromEntries(metrics),
    );
  }
  assert.notEqual(undisturbed(config, 1).result.valAccuracy, undisturbed(config, 2).result.valAccuracy);
});
