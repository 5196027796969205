import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from '../support/processor.ts';
import { openLearner } from './learner.ts';

const STEPS = 20;

function run(model: 'vit' | 'resnet' | 'crossvit', precision: 'fp32' | 'bf16') {
  const learner = openLearner(model, 'nesterov', { precision });
  const losses = Array.from({ length: STEPS }, (_, step) => learner.train(step));
  const { loss } = learner.evaluate();
  const values = learner.read();
  assert.equal(learner.compiled, true, learner.notes.join());
  learner.dispose();
  return { losses, loss, values };
}

for (const model of ['vit', 'resnet', 'crossvit'] as const)
  test(
    `${model}: bf16 rounds, stays close to fp32, keeps variables in float32, and repeats exactly`,
    needs('bf16'),
    () => {
      const [wide, narrow, again] = [run(model, 'fp32'), run(model, 'bf16'), run(model, 'bf16')];
      assert.notDeepEqual(narrow.losses, wide.losses, 'nothing was rounded');
      for (const [step, loss] of wide.losses.entries())
        assert.ok(
          Math.abs((narrow.losses[step] ?? Number.NaN) - loss) < 0.05,
          `step ${step}: ${narrow.losses[step]}, fp32 ${loss}`,
        );
      assert.ok(Math.abs(narrow.loss - wide.loss) < 0.05);
      assert.deepEqual(again, narrow);
      for (const [name, { dtype }] of narrow.values) assert.equal(dtype, 'F32', name);
    },
  );
