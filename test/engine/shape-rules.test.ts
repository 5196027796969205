/** The table of shapes against TensorFlow, over every op that training and evaluating the models runs. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { attributesOf, type Binding, backend, type Known, NoRule, SHAPE_RULES, tf } from '@ablate/engine';
import { MODELS, openLearner } from './learner.ts';

const real = backend.binding;
const known = new Map<number, Known>();
const checked = new Map<string, number>();

const look = (id: number): Known => {
  const found = known.get(id);
  if (found) return found;
  const [copy] = real.executeOp('Identity', [], [id], 1);
  if (!copy) throw new Error('no copy');
  const constant = real.tensorDataSync(copy.id);
  real.deleteTensor(copy.id);
  return { shape: copy.shape, dtype: copy.dtype, constant };
};

/** Runs every op, and compares its outputs with its rule. */
const checking: Partial<Binding> = {
  createTensor(shape, dtype, values) {
    const id = real.createTensor(shape, dtype, values);
    known.set(id, { shape, dtype, constant: values.slice() });
    return id;
  },
  executeOp(name, attributes, ids, outputs) {
    const inputs = ids.map(look);
    const results = real.executeOp(name, attributes, ids, outputs);
    for (const { id, shape, dtype } of results) known.set(id, { shape, dtype });
    try {
      const rule = SHAPE_RULES.get(name);
      for (const [index, expected] of (rule?.(inputs, attributesOf(attributes), outputs) ?? []).entries()) {
        const { shape, dtype } = results[index] ?? {};
        // Only batch norm's own gradient reads its reserved outputs.
        if (name.startsWith('FusedBatchNorm') && index > 2) continue;
        assert.deepEqual(expected, { shape, dtype }, `${name} of ${JSON.stringify(inputs.map((i) => i.shape))}`);
        checked.set(name, (checked.get(name) ?? 0) + 1);
      }
    } catch (error) {
      if (!(error instanceof NoRule)) throw error;
    }
    return results;
  },
};

before(() => {
  backend.binding = Object.create(real, Object.getOwnPropertyDescriptors(checking));
});
after(() => {
  backend.binding = real;
});

for (const model of ['vit', 'resnet', 'crossvit'] as const)
  test(`${model}: every rule equals what TensorFlow returns`, () => {
    assert.ok(model in MODELS);
    const learner = openLearner(model, 'adamw', { compiled: false });
    learner.train(0);
    learner.evaluate();
    learner.dispose();
  });

test('pooling, gathering and padding as well', () => {
  tf.tidy(() => {
    const x = tf.ones([2, 7, 6, 3]);
    for (const pad of ['same', 'valid'] as const) {
      tf.maxPool(tf.ones<tf.Rank.R4>([2, 7, 6, 3]), 3, 2, pad);
      tf.avgPool(tf.ones<tf.Rank.R4>([2, 7, 6, 3]), 2, 1, pad);
      tf.conv2d(tf.ones<tf.Rank.R4>([2, 7, 6, 3]), tf.ones<tf.Rank.R4>([3, 3, 3, 4]), [2, 1], pad);
    }
    tf.concat([x, x], 2);
    tf.tile(x, [1, 2, 1, 3]);
    tf.max(x, [1, 2], true);
    tf.slice(x, [0, 1, 2, 0], [2, -1, 3, 3]);
    tf.pad(
      x,
      [
        [0, 0],
        [1, 2],
        [0, 3],
        [0, 0],
      ],
      7,
    );
  });
  for (const op of ['MaxPool', 'AvgPool', 'Conv2D', 'ConcatV2', 'Tile', 'Max', 'Slice', 'PadV2', 'MatMul', 'Transpose'])
    assert.ok(checked.has(op), `${op} was not checked`);
  assert.ok(checked.size >= 35, `only ${checked.size} ops were checked`);
});
