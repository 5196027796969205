/** A compiled program computes what the same functions compute op by op. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '@ablate/engine';
import { openLearner, type Trained } from './learner.ts';

const STEPS = 20;

function assertClose(what: string, found: number, wanted: number): void {
  assert.ok(Math.abs(found - wanted) <= 1e-5 * Math.max(1, Math.abs(wanted)), `${what}: ${found} is not ${wanted}`);
}

function assertSameVariables(found: Trained, wanted: Trained): void {
  const values = found.read();
  for (const [name, { data, shape }] of wanted.read()) {
    const other = values.get(name);
    assert.deepEqual(other?.shape, shape, name);
    data.forEach((value, i) => {
      assertClose(`${name}[${i}]`, other?.data[i] ?? Number.NaN, value);
    });
  }
}

const pairs = [
  { model: 'vit', optimizer: 'adamw' },
  { model: 'vit', optimizer: 'nesterov' },
  { model: 'resnet', optimizer: 'adamw' },
  { model: 'resnet', optimizer: 'sgd' },
  { model: 'resnet', optimizer: 'descent' },
  { model: 'crossvit', optimizer: 'adamw' },
  { model: 'crossvit', optimizer: 'nesterov' },
] as const;

for (const { model, optimizer } of pairs)
  test(`${model} with ${optimizer}: losses and variables stay within 1e-5 of the eager program's for ${STEPS} steps`, () => {
    const before = tf.memory().numTensors;
    const eager = openLearner(model, optimizer, { compiled: false });
    const compiled = openLearner(model, optimizer);
    for (let step = 0; step < STEPS; step++) {
      assertClose(`loss of step ${step}`, compiled.train(step), eager.train(step));
      if (step % 10 !== 0) continue;
      const [found, wanted] = [compiled.evaluate(), eager.evaluate()];
      assertClose('evaluation', found.loss, wanted.loss);
      assertClose('evaluation of the average', found.averaged, wanted.averaged);
    }
    assertSameVariables(compiled, eager);
    assert.equal(compiled.compiled, true);
    assert.deepEqual(compiled.notes, []);
    compiled.dispose();
    eager.dispose();
    assert.equal(tf.memory().numTensors, before, 'tensors are left');
  });
