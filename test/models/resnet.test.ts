import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResnetOrdering } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import type { Values } from './naive.ts';
import { assertAllTrained, assertNear, build, context, jitter, noise, valuesOf } from './support.ts';

/** A square map of channels: value(row, column, channel). */
type Field = { side: number; channels: number; data: Float64Array };

const field = (side: number, channels: number, at: (r: number, c: number, k: number) => number): Field => {
  const data = new Float64Array(side * side * channels);
  for (let r = 0; r < side; r++)
    for (let c = 0; c < side; c++) for (let k = 0; k < channels; k++) data[(r * side + c) * channels + k] = at(r, c, k);
  return { side, channels, data };
};
const read = ({ side, channels, data }: Field, r: number, c: number, k: number): number =>
  r < 0 || c < 0 || r >= side || c >= side || k < 0 || k >= channels ? 0 : (data[(r * side + c) * channels + k] ?? 0);

function convolve(x: Field, values: Values, name: string, stride: number): Field {
  const { shape, data } = values.get(`${name}.weight`) ?? { shape: [], data: [] };
  const [kernel = 0, , inputs = 0, outputs = 0] = shape;
  const padding = (kernel - 1) / 2;
  return field(Math.floor((x.side + 2 * padding - kernel) / stride) + 1, outputs, (r, c, k) => {
    let sum = 0;
    for (let i = 0; i < kernel; i++)
      for (let j = 0; j < kernel; j++)
        for (let m = 0; m < inputs; m++)
          sum +=
            read(x, r * stride + i - padding, c * stride + j - padding, m) *
            (data[((i * kernel + j) * inputs + m) * outputs + k] ?? 0);
    return sum;
  });
}

function normalise(x: Field, values: Values, name: string): Field {
  const of = (key: string, k: number) => values.get(`${name}.${key}`)?.data[k] ?? Number.NaN;
  return field(
    x.side,
    x.channels,
    (r, c, k) =>
      ((read(x, r, c, k) - of('running_mean', k)) / Math.sqrt(of('running_var', k) + 1e-5)) * of('weight', k) +
      of('bias', k),
  );
}
const rectify = (x: Field): Field => ({ ...x, data: x.data.map((v) => Math.max(v, 0)) });
const sum = (a: Field, b: Field): Field => ({ ...a, data: a.data.map((v, i) => v + (b.data[i] ?? Number.NaN)) });

type Block = Record<'conv1' | 'conv2' | 'bn1' | 'bn2', (x: Field) => Field> & { shortcut: (x: Field) => Field };
/** Each ordering again, written down by hand; a shortcut that changes shapes starts after the pre-activation. */
const EQUATIONS: Record<ResnetOrdering, (x: Field, block: Block) => Field> = {
  v1: (x, b) => rectify(sum(b.bn2(b.conv2(rectify(b.bn1(b.conv1(x))))), b.shortcut(x))),
  v2: (x, b) => rectify(sum(b.bn2(rectify(b.conv2(rectify(b.bn1(rectify(b.conv1(x))))))), b.shortcut(x))),
  v3: (x, b) => sum(rectify(b.bn2(b.conv2(rectify(b.bn1(b.conv1(x)))))), b.shortcut(x)),
  bnAfterAdd: (x, b) => rectify(b.bn2(sum(b.conv2(rectify(b.bn1(b.conv1(x)))), b.shortcut(x)))),
  preActivation: (x, b) => {
    const active = rectify(b.bn1(x));
    return sum(b.conv2(rectify(b.bn2(b.conv1(active)))), b.shortcut(active));
  },
};

const SMALL = { family: 'resnet', imageSize: 8, classes: 3, depths: [1, 1], widths: [4, 8] };

function naiveResnet(image: Float32Array, values: Values, ordering: ResnetOrdering, shortcut: string): number[] {
  const stem = convolve(
    field(8, 3, (r, c, k) => image[(r * 8 + c) * 3 + k] ?? Number.NaN),
    values,
    'conv1',
    1,
  );
  let x = ordering === 'preActivation' ? stem : rectify(normalise(stem, values, 'bn1'));
  for (const stage of [1, 2]) {
    const name = `layer${stage}.0`;
    const start = x;
    const change = (from: Field): Field => {
      if (stage === 1) return start;
      if (shortcut === 'pad') return field(4, 8, (r, c, k) => read(from, 2 * r, 2 * c, k - 2));
      const projected = convolve(from, values, `${name}.downsample.0`, 2);
      return ordering === 'preActivation' ? projected : normalise(projected, values, `${name}.downsample.1`);
    };
    x = EQUATIONS[ordering](x, {
      conv1: (y) => convolve(y, values, `${name}.conv1`, stage),
      conv2: (y) => convolve(y, values, `${name}.conv2`, 1),
      bn1: (y) => normalise(y, values, `${name}.bn1`),
      bn2: (y) => normalise(y, values, `${name}.bn2`),
      shortcut: change,
    });
  }
  const mean = Array.from({ length: 8 }, (_, k) => x.data.reduce((a, v, i) => a + (i % 8 === k ? v / 16 : 0), 0));
  const { data: weight = [] } = values.get('fc.weight') ?? {};
  return [0, 1, 2].map((j) =>
    mean.reduce((a, v, k) => a + v * (weight[k * 3 + j] ?? 0), values.get('fc.bias')?.data[j] ?? Number.NaN),
  );
}

for (const ordering of ResnetOrdering.options)
  for (const shortcut of ['projection', 'pad'])
    test(`${ordering}, ${shortcut}: the logits are the equation's, and every weight gets a gradient`, (t) => {
      const network = build({ ...SMALL, ordering, shortcut });
      t.after(() => network.dispose());
      jitter(network);
      tf.tidy(() => {
        const images = noise([2, 8, 8, 3], 'images');
        const logits = network.forward(images, context());
        assert.deepEqual(logits.shape, [2, 3]);
        const image = Float32Array.from(images.dataSync().subarray(0, 192));
        assertNear(logits.dataSync().subarray(0, 3), naiveResnet(image, valuesOf(network), ordering, shortcut), 2e-5);
        assertAllTrained(network, images);
      });
    });

for (const [preset, classes] of [
  ['resnet18', 5],
  ['resnet50', 5],
] as const)
  test(`${preset} at 32 pixels: the ImageNet stem quarters the map, and every weight gets a gradient`, (t) => {
    const network = build({ preset, imageSize: 32, classes, widths: [8, 16, 24, 32], depths: [1, 1, 1, 1] });
    t.after(() => network.dispose());
    tf.tidy(() => {
      const shapes: Record<string, number[]> = {};
      const look = (name: string, value: tf.Tensor) => {
        shapes[name] = value.shape;
      };
      assert.deepEqual(network.forward(noise([2, 32, 32, 3], 'images'), context({ look })).shape, [2, classes]);
      assert.deepEqual(shapes, { features: [2, preset === 'resnet18' ? 32 : 128] });
      assertAllTrained(network, noise([4, 32, 32, 3], 'images'));
    });
  });

test('training normalises by the batch and moves the running statistics as PyTorch does; evaluation does neither', (t) => {
  const network = build(SMALL);
  t.after(() => network.dispose());
  tf.tidy(() => {
    const images = noise([4, 8, 8, 3], 'images');
    const kernel = network.parameters.get('conv1.weight');
    const mean = network.buffers.get('bn1.running_mean');
    const variance = network.buffers.get('bn1.running_var');
    assert.ok(kernel && mean && variance);
    network.forward(images, context());
    assert.deepEqual([...mean.dataSync()], [0, 0, 0, 0]);
    const map = tf.conv2d(images.as4D(4, 8, 8, 3), kernel.as4D(3, 3, 3, 4), 1, 'same');
    const moments = tf.moments(map, [0, 1, 2]);
    const count = 4 * 8 * 8;
    network.forward(images, context({ training: true }));
    assertNear(mean.dataSync(), moments.mean.mul(0.1).dataSync(), 1e-5);
    assertNear(
      variance.dataSync(),
      moments.variance
        .mul(0.1 * (count / (count - 1)))
        .add(0.9)
        .dataSync(),
      1e-5,
    );
  });
});

test('initial values are torchvision’s: He’s fan-out normal, and U(±1/√inputs) for the head', (t) => {
  const network = build({ ...SMALL, widths: [32, 64] });
  t.after(() => network.dispose());
  const of = (name: string) => Array.from(network.parameters.get(name)?.dataSync() ?? []);
  const deviation = (name: string) => Math.sqrt(of(name).reduce((sum, v) => sum + v * v, 0) / of(name).length);
  assert.ok(Math.abs(deviation('layer2.0.conv2.weight') / Math.sqrt(2 / (9 * 64)) - 1) < 0.02);
  for (const name of ['fc.weight', 'fc.bias'])
    assert.ok(of(name).every((v) => Math.abs(v) <= 1 / 8) && deviation(name) > 0.02);
});
