/** The names of values that are objects. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { axisTexts, formatPoint } from '@ablate/answers';

const namesOf = (path: string, values: readonly unknown[]): string[] => {
  const points = values.map((value) => ({ axes: { [path]: value } }));
  const text = axisTexts(points);
  return points.map(({ axes }) => formatPoint(axes, { text }));
};

test('models are named by the fields in which they differ from others of their family', () => {
  const vit = { family: 'vit', depth: 4 };
  const crossvit = { family: 'crossvit', large: { width: 96 } };
  assert.deepEqual(
    namesOf('model', [
      { ...vit, pool: 'cls' },
      { ...vit, pool: 'mean' },
      { ...crossvit, combine: 'sum' },
      { ...crossvit, combine: 'mean' },
      { family: 'resnet', depth: 20 },
    ]),
    ['vit, pool cls', 'vit, pool mean', 'crossvit, combine sum', 'crossvit, combine mean', 'resnet'],
  );
});

test('fields that are 0 are left out where names stay apart, and an object without a title has the name of its axis', () => {
  assert.deepEqual(namesOf('model.dropout', [{ mlp: 0, path: 0 }, { mlp: 0.2 }]), ['dropout none', 'dropout mlp 0.2']);
  assert.deepEqual(namesOf('model.dropout', [{ mlp: 0 }, { path: 0 }]), ['dropout mlp 0', 'dropout path 0']);
});

test('lists of augmentations are named by their operations, and by what differs between them', () => {
  const jitter = { op: 'colorJitter', brightness: 0.3 };
  assert.deepEqual(namesOf('augment', ['none', [jitter], ['trivial', { op: 'erase' }]]), [
    'augment none',
    'colorJitter',
    'trivial + erase',
  ]);
  assert.deepEqual(namesOf('augment', [[{ op: 'mixup', p: 0.5 }], [{ op: 'mixup', p: 1 }]]), [
    'mixup, p 0.5',
    'mixup, p 1',
  ]);
  assert.deepEqual(
    namesOf('model.depths', [
      [2, 2],
      [3, 3],
    ]),
    ['[2,2]', '[3,3]'],
  );
});
