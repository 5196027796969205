import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tf } from '@ablate/engine';
import { resizePositions } from '@ablate/models';
import { assertNear, build, context, jitter, noise } from './support.ts';

const SMALL = { family: 'vit', imageSize: 8, classes: 3, patchSize: 4, width: 8, depth: 1, heads: 2 };

const tableOf = (raw: Record<string, unknown>) => {
  const network = build({ ...SMALL, ...raw });
  const table = network.buffers.get('pos_embed');
  assert.ok(table);
  const values = { shape: table.shape, rows: table.reshape([table.shape[1] ?? 0, 8]).arraySync() as number[][] };
  network.dispose();
  return values;
};

test('sinusoidal1d: sine in even and cosine in odd channels, one angle a pair; the class token is position 0', () => {
  const { shape, rows } = tableOf({ positional: 'sinusoidal1d' });
  assert.deepEqual(shape, [1, 5, 8]);
  for (const [t, row] of rows.entries())
    assertNear(
      row,
      [1, 10, 100, 1000].flatMap((slow) => [Math.sin(t / slow), Math.cos(t / slow)]),
      1e-6,
    );
  assert.deepEqual(tableOf({ positional: 'sinusoidal1d', pool: 'mean' }).rows, rows.slice(0, 4));
});

test('sinusoidal2d: timm’s quarters sin y, sin x, cos y, cos x; the class token gets zeros', () => {
  const { shape, rows } = tableOf({ positional: 'sinusoidal2d' });
  assert.deepEqual(shape, [1, 5, 8]);
  // timm.layers.pos_embed_sincos.build_sincos2d_pos_embed([2, 2], dim=8)
  const [s, c, t, d] = [0.8414709568023682, 0.5403023362159729, 0.009999833069741726, 0.9999499917030334];
  const wanted = [
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 1, 1, 1, 1],
    [0, 0, s, t, 1, 1, c, d],
    [s, t, 0, 0, c, d, 1, 1],
    [s, t, s, t, c, d, c, d],
  ];
  assertNear(rows.flat(), wanted.flat(), 1e-6);
});

test('learned2d: a patch’s position is its row’s half followed by its column’s half', (t) => {
  const network = build({ ...SMALL, positional: 'learned2d' });
  t.after(() => network.dispose());
  jitter(network);
  tf.tidy(() => {
    const images = noise([1, 8, 8, 3], 'images');
    const wanted = network.forward(images, context()).dataSync();
    const of = (name: string) => {
      const variable = network.parameters.get(name);
      assert.ok(variable);
      return variable;
    };
    // The same table, written out, in a network with learned1d positions.
    const [row, column] = [of('pos_embed_row'), of('pos_embed_column')];
    const patches = [0, 1].flatMap((r) =>
      [0, 1].map((c) => row.slice([r, 0], [1, 4]).concat(column.slice([c, 0], [1, 4]), 1)),
    );
    const table = tf.concat([of('pos_embed_cls').reshape([1, 8]), ...patches], 0).reshape([1, 5, 8]);
    const whole = build({ ...SMALL, positional: 'learned1d' });
    t.after(() => whole.dispose());
    for (const [name, variable] of whole.parameters) variable.assign(name === 'pos_embed' ? table : of(name));
    assertNear(whole.forward(images, context()).dataSync(), wanted, 1e-5);
  });
});

test('without positions a ViT ignores the order of patches; with them it does not', (t) => {
  for (const [positional, sees] of [
    ['none', false],
    ['learned1d', true],
    ['learned2d', true],
    ['sinusoidal1d', true],
    ['sinusoidal2d', true],
  ] as const) {
    const network = build({ ...SMALL, positional });
    t.after(() => network.dispose());
    jitter(network);
    tf.tidy(() => {
      const images = noise([1, 8, 8, 3], 'images');
      const swapped = tf.concat(
        [images.slice([0, 4, 0, 0], [1, 4, 8, 3]), images.slice([0, 0, 0, 0], [1, 4, 8, 3])],
        1,
      );
      const off =
        network.forward(images, context()).sub(network.forward(swapped, context())).abs().max().dataSync()[0] ?? 0;
      assert.equal(off > 1e-4, sees, `${positional}: ${off}`);
    });
  }
});

// torch.nn.functional.interpolate(sin(1.7 · [0 … 31]) as 4 × 4 × 2, scale_factor=(6.1 / 4, 5.1 / 4), mode='bicubic'), its first rows.
const INTERPOLATED = [
  -0.06848175823688507, 1.1755599975585938, -0.22881054878234863, -0.5822992920875549, 0.18466918170452118,
  -0.20939850807189941, 0.2674258053302765, 0.7242525219917297, -0.6991977691650391, -0.7375015616416931,
  0.4781268835067749, 0.8861789107322693, -0.4587809443473816, -0.3191690742969513, 0.060530032962560654,
  -0.23648706078529358, 0.5561230778694153, 0.40480223298072815, -0.9269094467163086, -0.21757914125919342,
  1.063376545906067, 0.2545156478881836, -0.632236897945404, 0.11773478239774704, -0.12015587091445923,
  -0.20538239181041718, 0.7794713377952576, -0.1305084228515625, -0.965154230594635, 0.5290237665176392,
];

test('positions are resized to a different grid as in DINO: bicubic, the class token copied', () => {
  const table = Float32Array.from({ length: 34 }, (_, i) => (i < 2 ? 9 + i : Math.sin(1.7 * (i - 2))));
  const resized = resizePositions(table, { from: [4, 4], to: [6, 5], width: 2, prefix: 1 });
  assert.equal(resized.length, 2 * (1 + 30));
  assert.deepEqual([...resized.slice(0, 2)], [9, 10]);
  assertNear(resized.slice(2, 32), INTERPOLATED, 1e-5);
  assert.deepEqual(resizePositions(table, { from: [4, 4], to: [4, 4], width: 2, prefix: 1 }), table);
  assert.throws(() => resizePositions(table, { from: [4, 4], to: [6, 5], width: 2, prefix: 0 }), /found 34 values/);
});
