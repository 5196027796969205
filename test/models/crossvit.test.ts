import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '@ablate/engine';
import { assertAllTrained, assertNear, build, context, jitter, noise } from './support.ts';

const SMALL = {
  family: 'crossvit',
  imageSize: 16,
  classes: 3,
  small: { patchSize: 4, width: 8, depth: 1, heads: 2 },
  large: { imageSize: 24, patchSize: 8, width: 12, depth: 2, heads: 3 },
  stages: 2,
  mlpRatio: 2,
};

const MAPS = {
  'attention.small.0.0': [2, 2, 17, 17],
  'attention.large.0.0': [2, 3, 10, 10],
  'attention.large.0.1': [2, 3, 10, 10],
  'attention.small.1.0': [2, 2, 17, 17],
  'attention.large.1.0': [2, 3, 10, 10],
  'attention.large.1.1': [2, 3, 10, 10],
  features: [2, 20],
};
// A branch's class token attends with the other's heads over itself and the other's patches.
const CROSSINGS: Record<number, Record<string, number[]>> = {
  1: {
    'attention.small.0.cross': [2, 3, 1, 10],
    'attention.large.0.cross': [2, 2, 1, 17],
    'attention.small.1.cross': [2, 3, 1, 10],
    'attention.large.1.cross': [2, 2, 1, 17],
  },
  2: Object.fromEntries(
    [0, 1].flatMap((stage) =>
      [0, 1].flatMap((layer) => [
        [`attention.small.${stage}.cross.${layer}`, [2, 3, 1, 10]],
        [`attention.large.${stage}.cross.${layer}`, [2, 2, 1, 17]],
      ]),
    ),
  ),
};

for (const fusion of ['paper', 'tokens'])
  for (const crossDepth of [1, 2])
    test(`${fusion} fusion, ${crossDepth} deep: maps have their shapes, and every weight gets a gradient`, (t) => {
      const network = build({ ...SMALL, fusion, crossDepth });
      t.after(() => network.dispose());
      jitter(network);
      tf.tidy(() => {
        const images = noise([2, 16, 16, 3], 'images');
        const shapes: Record<string, number[]> = {};
        const look = (name: string, value: tf.Tensor) => {
          shapes[name] = value.shape;
          if (name.startsWith('attention'))
            assertNear(value.sum(-1).dataSync(), tf.ones(value.shape.slice(0, -1)).dataSync(), 1e-5);
        };
        assert.deepEqual(network.forward(images, context({ look })).shape, [2, 3]);
        assert.deepEqual(shapes, { ...MAPS, ...CROSSINGS[crossDepth] });
        assertAllTrained(network, images);
      });
    });

test('sum of logits is twice their mean', (t) => {
  const [mean, sum] = [build({ ...SMALL, combine: 'mean' }), build({ ...SMALL, combine: 'sum' })];
  t.after(() => [mean, sum].map((network) => network.dispose()));
  tf.tidy(() => {
    const images = noise([2, 16, 16, 3], 'images');
    assertNear(sum.forward(images, context()).dataSync(), mean.forward(images, context()).mul(2).dataSync(), 1e-6);
  });
});

test('with equal widths, class tokens cross without a projection', (t) => {
  const network = build({ ...SMALL, fusion: 'tokens', large: { ...SMALL.large, width: 8, heads: 2 } });
  t.after(() => network.dispose());
  assert.deepEqual(
    [...network.parameters.keys()].filter((name) => name.includes('project')),
    [],
  );
  assertAllTrained(network, noise([2, 16, 16, 3], 'images'));
});

test('both directions of an exchange read the branches as they were before it', (t) => {
  // With the large branch's projection back cut, its class token must not depend on what the small branch received.
  const network = build({ ...SMALL, stages: 1 });
  t.after(() => network.dispose());
  jitter(network);
  tf.tidy(() => {
    const images = noise([2, 16, 16, 3], 'images');
    const large = () => {
      let seen: number[] = [];
      const look = (name: string, value: tf.Tensor) => {
        if (name === 'features') seen = [...value.slice([0, 8], [2, 12]).dataSync()];
      };
      network.forward(images, context({ look }));
      return seen;
    };
    const before = large();
    network.parameters.get('blocks.0.projs.0.2.weight')?.assign(tf.zeros([8, 12]));
    assert.deepEqual(large(), before);
  });
});

test('the convolution stem makes as many tokens as patch embedding', (t) => {
  const network = build({
    ...SMALL,
    imageSize: 48,
    stem: 'convolution',
    small: { patchSize: 12, width: 8, depth: 1, heads: 2 },
    large: { patchSize: 16, width: 12, depth: 1, heads: 3 },
    stages: 1,
  });
  t.after(() => network.dispose());
  jitter(network);
  assert.deepEqual(network.parameters.get('pos_embed_0')?.shape, [1, 17, 8]);
  assert.deepEqual(network.parameters.get('pos_embed_1')?.shape, [1, 10, 12]);
  assertAllTrained(network, noise([2, 48, 48, 3], 'images'));
});

test('dropout everywhere: the same step repeats its logits, a different step does not', (t) => {
  for (const fusion of ['paper', 'tokens']) {
    const network = build({
      ...SMALL,
      fusion,
      dropout: { position: 0.2, attention: 0.2, projection: 0.2, mlp: 0.2, path: 0.2 },
    });
    t.after(() => network.dispose());
    tf.tidy(() => {
      const at = (step: number) => {
        const random = { seed: tf.scalar(1, 'int32'), step: tf.scalar(step, 'int32') };
        return network.forward(noise([2, 16, 16, 3], 'images'), context({ training: true, random })).dataSync();
      };
      assert.deepEqual(at(1), at(1));
      assert.notDeepEqual(at(1), at(2));
    });
  }
});
