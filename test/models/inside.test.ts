/** What the page "inside" shows of a network, against the commands' own functions and against finite differences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '@ablate/engine';
import {
  decodeSafetensors,
  encodeSafetensors,
  type Float,
  float,
  lookEverywhere,
  lookInside,
  type Network,
  observe,
  patchAttention,
  patchColumns,
  positionVectors,
  rollout,
  similarity,
} from '@ablate/models';
import { build, context, jitter, noise } from './support.ts';

const VIT = { family: 'vit', imageSize: 16, classes: 5, patchSize: 4, width: 16, depth: 3, heads: 2, mlpRatio: 2 };
const RESNET = { family: 'resnet', imageSize: 16, classes: 5, depths: [1, 1], widths: [8, 16] };
const CROSSVIT = {
  ...{ family: 'crossvit', imageSize: 16, classes: 5, stages: 2, mlpRatio: 2 },
  small: { patchSize: 4, width: 8, depth: 1, heads: 2 },
  large: { patchSize: 8, width: 16, depth: 1, heads: 2 },
};

const images = ((): Float => {
  const values = noise([3, 16, 16, 3], 'images');
  return float([3, 16, 16, 3], Float32Array.from(values.dataSync()));
})();

function prepared(raw: Record<string, unknown>): Network {
  const network = build({ ...raw }, 4);
  jitter(network);
  return network;
}

/** The tensors as a reader of the file gets them. */
function looked(network: Network) {
  const before = tf.memory().numTensors;
  const inside = lookInside(network, images, { batch: 2 });
  assert.equal(tf.memory().numTensors, before, 'tensors leak');
  const { tensors } = decodeSafetensors(encodeSafetensors(inside.tensors));
  const get = (name: string): Float => {
    const tensor = tensors.get(name);
    assert.ok(tensor?.dtype === 'F32', `${name} is not among ${[...tensors.keys()]}`);
    return tensor;
  };
  return { ...inside, names: [...tensors.keys()].sort(), get };
}

/** Equal within half precision: 11 bits, and 2⁻²⁴ near zero. */
function assertHalf(found: Float, wanted: Float, what: string): void {
  assert.equal(found.data.length, wanted.data.length, what);
  for (const [at, value] of wanted.data.entries()) {
    const off = Math.abs((found.data[at] ?? Number.NaN) - value);
    assert.ok(off <= Math.abs(value) * 2 ** -11 + 2 ** -24, `${what}: ${found.data[at]} instead of ${value} at ${at}`);
  }
}

for (const { attention, pool, positional } of [
  { attention: 'softmax', pool: 'cls', positional: 'learned1d' },
  { attention: 'softmax', pool: 'mean', positional: 'learned2d' },
  { attention: 'differential', pool: 'cls', positional: 'none' },
])
  test(`${attention} attention, ${pool} pool: maps and rollout are those of the commands`, () => {
    const network = prepared({ ...VIT, attention, pool, positional });
    const { names, get, query, top } = looked(network);
    const cls = pool === 'cls';
    assert.equal(query, cls ? 'class token' : 'mean of all tokens');
    const layers = [0, 1, 2].map((layer) => `attention.${layer}`);
    const both = attention === 'differential' ? layers.flatMap((layer) => [`first.${layer}`, `second.${layer}`]) : [];
    const positions = positional === 'none' ? [] : ['positions'];
    assert.deepEqual(names, [...layers, ...both, 'gradcam', ...positions, 'rollout'].sort());
    const seen = observe(network, images);
    const map = (name: string) => seen.get(name) ?? assert.fail(name);
    for (const name of [...layers, ...both]) {
      assert.deepEqual(get(name).shape, [3, 2, 4, 4]);
      assertHalf(get(name), patchAttention(map(name), { cls }), name);
    }
    const rolled = rollout(layers.map(map), { fusion: 'mean', discard: 0, query: cls ? 'cls' : 'mean' });
    assertHalf(get('rollout'), patchColumns(rolled, { cls }), 'rollout');
    if (positions.length > 0) assertHalf(get('positions'), similarity(positionVectors(network), 'cosine'), 'positions');
    const logits = tf.tensor(map('logits').data, [3, 5]);
    const [first] = top[0] ?? [];
    assert.equal(first?.label, tf.argMax(logits, -1).dataSync()[0]);
    assert.ok(Math.abs((first?.probability ?? 0) - (tf.softmax(logits).max(-1).dataSync()[0] ?? 0)) < 1e-6);
    assert.equal(top[2]?.length, 3);
  });

test('a CrossViT shows the maps, positions and Grad-CAM of both branches', () => {
  const { names, get } = looked(prepared(CROSSVIT));
  const branches = ['small', 'large'];
  const maps = branches.flatMap((one) => [0, 1].flatMap((s) => [`${one}.${s}.0`, `${one}.${s}.cross`]));
  const own = branches.flatMap((one) => [`gradcam.${one}`, `positions.${one}`]);
  assert.deepEqual(names, [...maps.map((name) => `attention.${name}`), ...own].sort());
  assert.deepEqual(get('attention.small.0.0').shape, [3, 2, 4, 4]);
  assert.deepEqual(get('attention.small.0.cross').shape, [3, 2, 2, 2], 'its class token looks at the large patches');
});

test('everywhere: whole matrices are those of a pass, and the rollout of each token', () => {
  const network = prepared({ ...VIT, attention: 'differential' });
  const { tensors } = decodeSafetensors(encodeSafetensors(lookEverywhere(network, images)));
  const seen = observe(network, images);
  const maps = [0, 1, 2].map((layer) => seen.get(`attention.${layer}`) ?? assert.fail());
  assert.deepEqual([...tensors.keys()].sort(), [...[0, 1, 2].map((layer) => `all.attention.${layer}`), 'all.rollout']);
  const get = (name: string): Float => {
    const tensor = tensors.get(name);
    assert.ok(tensor?.dtype === 'F32', name);
    return tensor;
  };
  for (const [layer, map] of maps.entries()) assertHalf(get(`all.attention.${layer}`), map, `layer ${layer}`);
  assertHalf(get('all.rollout'), rollout(maps, { fusion: 'mean', discard: 0, query: 'all' }), 'rollout');
  assert.deepEqual(lookEverywhere(prepared(RESNET), images), new Map());
});

test('a ResNet shows its first filters', () => {
  const network = prepared(RESNET);
  const { names, get, query } = looked(network);
  assert.deepEqual([names, query], [['filters', 'gradcam'], null]);
  const kernel = network.parameters.get('conv1.weight') ?? assert.fail();
  assert.deepEqual(get('filters').shape, [8, 3, 3, 3]);
  const wanted = tf.transpose(kernel, [3, 0, 1, 2]);
  assertHalf(get('filters'), float([...wanted.shape], Float32Array.from(wanted.dataSync())), 'filters');
});

for (const [name, raw, place] of [
  ['ResNet', RESNET, 'map'],
  ['ViT', VIT, 'tokens'],
] as const)
  test(`Grad-CAM of a ${name} weighs channels by their influence, as finite differences measure it`, () => {
    const network = prepared(raw);
    const map = looked(network).get('gradcam');
    tf.tidy(() => {
      const input = tf.tensor(images.data, images.shape).slice([0, 0, 0, 0], [1, 16, 16, 3]);
      const ends = (replace: (value: tf.Tensor) => tf.Tensor) =>
        network.forward(input, context({ replace: (at, value) => (at === place ? replace(value) : value) }));
      let values = tf.zeros([1]);
      const logits = ends((value) => {
        values = value;
        return value;
      });
      const label = logits.argMax(-1).dataSync()[0] ?? 0;
      const logit = (replace: (value: tf.Tensor) => tf.Tensor) => ends(replace).dataSync()[label] ?? 0;
      const channels = values.shape.at(-1) ?? 0;
      const grid = values.rank === 4 ? values : values.slice([0, 1, 0], [1, 16, channels]).reshape([1, 4, 4, channels]);
      const [, rows = 0, columns = 0] = grid.shape;
      const step = 1e-2;
      // A patch, not the class token: the mean of its gradients is what moving all patches by a step changes, per patch.
      const moved = (channel: number, by: number) => (value: tf.Tensor) => {
        const shift = tf
          .oneHot(tf.tensor1d([channel], 'int32'), channels)
          .mul(by)
          .reshape([1, 1, channels]);
        if (value.rank === 4) return value.add(shift.reshape([1, 1, 1, channels]));
        return value.add(shift.mul(tf.tensor([0, ...new Array(16).fill(1)], [1, 17, 1])));
      };
      const alphas = Array.from({ length: channels }, (_, channel) => {
        const slope = (logit(moved(channel, step)) - logit(moved(channel, -step))) / (2 * step);
        return slope / (rows * columns);
      });
      const raws = tf.relu(grid.mul(tf.tensor1d(alphas)).sum(3));
      const wanted = raws.div(raws.max()).dataSync();
      for (const [at, value] of wanted.entries())
        assert.ok(
          Math.abs((map.data[at] ?? Number.NaN) - value) < 0.01,
          `${map.data[at]} instead of ${value} at ${at}`,
        );
    });
  });
