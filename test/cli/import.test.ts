import assert from 'node:assert/strict';
import test from 'node:test';
import { Spec } from '@ablate/contracts';
import { ablate } from './command-line.ts';

test('a sweep of Weights & Biases is printed as a spec', async () => {
  const input = 'method: grid\nparameters:\n  patch_size: {values: [4, 8]}\n  epochs: {value: 3}\n';
  const { code, out, err } = await ablate(['import', 'wandb', '-'], { input });
  assert.equal(code, 0, err);
  const { space, train } = Spec.parse(JSON.parse(out));
  assert.deepEqual([space, train], [{ 'model.patchSize': [4, 8] }, { epochs: 3 }]);
  assert.match(err, /seeds 1, 2 and 3/);
});

test('what is no YAML, no sweep, or no spec is refused in a line', async () => {
  const grid = (parameters: string) => `method: grid\nparameters: ${parameters}\n`;
  for (const [input, message] of [
    ['a: [1\nb', /is not valid YAML: .*line 2/],
    ['just text', /the file: /],
    [grid('{what: {values: [1]}}'), /parameters\.what: is no path of a spec/],
    [grid('{patch_size: {values: [5]}}'), /model/],
  ] as const) {
    const { code, out, err } = await ablate(['import', 'wandb', '-'], { input });
    assert.deepEqual([code, out], [2, ''], err);
    assert.match(err, message);
  }
});
