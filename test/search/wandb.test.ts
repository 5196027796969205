/** Sweeps of Weights & Biases as specs. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Spec } from '@ablate/contracts';
import { expand, specOfWandb, WandbError } from '@ablate/search';

/** After the examples of W&B's documentation. */
const SWEEP = {
  program: 'train.py',
  name: 'orders',
  method: 'random',
  run_cap: 12,
  metric: { name: 'val_accuracy', goal: 'maximize' },
  parameters: {
    lr: { distribution: 'log_uniform_values', min: 0.0001, max: 0.01 },
    batch_size: { values: [64, 128] },
    epochs: { value: 3 },
    model: { parameters: { patchSize: { values: [4, 8] }, depth: { min: 2, max: 6 } } },
    'train.labelSmoothing': { min: 0, max: 0.2 },
  },
};

test('parameters become axes, constants become fields, and the search keeps its meaning', () => {
  const { spec, notes } = specOfWandb(SWEEP);
  const parsed = Spec.parse(spec);
  assert.deepEqual(parsed.train, { epochs: 3 });
  assert.deepEqual(parsed.search, { method: 'random', samples: 12, seed: 0 });
  assert.deepEqual(parsed.space, {
    'train.optimizer.learningRate': { min: 0.0001, max: 0.01, scale: 'log', integer: false },
    'train.batchSize': [64, 128],
    'model.patchSize': [4, 8],
    'model.depth': { min: 2, max: 6, scale: 'linear', integer: true },
    'train.labelSmoothing': { min: 0, max: 0.2, scale: 'linear', integer: false },
  });
  const expansion = expand(parsed);
  assert.equal('points' in expansion && expansion.points.length, 12);
  assert.match(notes.join('\n'), /program is not taken over/);
});

test('bayes is auto, and find where bad runs are stopped early', () => {
  const bayes = { ...SWEEP, method: 'bayes' };
  assert.equal(Spec.parse(specOfWandb(bayes).spec).search.method, 'auto');
  const early = { ...bayes, early_terminate: { type: 'hyperband', min_iter: 3, eta: 4 } };
  const { search } = Spec.parse(specOfWandb(early).spec);
  assert.ok(search.method === 'find' && search.eta === 4 && search.samples === 12);
});

test('names of parameters can be given', () => {
  const parameters = { my_width: { values: [32, 64] } };
  const sweep = { method: 'grid', parameters };
  const { spec } = specOfWandb(sweep, { names: { my_width: 'model.width' } });
  assert.deepEqual(Spec.parse(spec).space, { 'model.width': [32, 64] });
});

test('what has no counterpart is refused, with the field and what to change', () => {
  const grid = (parameters: unknown) => ({ method: 'grid', parameters });
  for (const [sweep, message] of [
    [[], /the file: /],
    [{ method: 'evolution', parameters: {} }, /^method: /],
    [grid({ unknown_thing: { values: [1] } }), /parameters\.unknown_thing: is no path of a spec: name it with --name/],
    [grid({ __proto__x: { values: [1] } }), /is no path of a spec/],
    [
      grid({ lr: { distribution: 'normal', mu: 0, sigma: 1 } }),
      /parameters\.lr: distribution "normal" has no counterpart/,
    ],
    [grid({ lr: { min: 1 } }), /parameters\.lr: must have value, values, or min and max/],
    [grid({ lr: 3 }), /parameters\.lr: must have value, values, or min and max/],
    [grid({ lr: { distribution: 'uniform', min: 'a', max: 1 } }), /parameters\.lr\.min: /],
    [grid({ lr: { value: 1 } }), /parameters: nothing varies/],
    [{ method: 'random', parameters: { lr: { min: 0, max: 1 } } }, /run_cap: is missing/],
    [{ ...grid({ lr: { values: [1] } }), early_terminate: { type: 'other' } }, /early_terminate\.type/],
  ] as const)
    assert.throws(
      () => specOfWandb(sweep),
      (error: unknown) => error instanceof WandbError && message.test(error.message),
    );
});
