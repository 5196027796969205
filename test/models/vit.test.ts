import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttentionKind, Pool, Positional, VitOrdering } from '@ablate/contracts';
import { tf } from '@ablate/engine';
import {
  add,
  columns,
  gelu,
  layerNorm,
  linear,
  type Matrix,
  matrixOf,
  mixDifferential,
  mixSoftmax,
  type Values,
  vectorOf,
} from './naive.ts';
import { assertAllTrained, assertNear, build, context, jitter, noise, valuesOf } from './support.ts';

const SMALL = { family: 'vit', imageSize: 8, classes: 3, patchSize: 4, width: 8, depth: 2, heads: 2, mlpRatio: 2 };
const HEADS = 2;

type Step = (x: Matrix) => Matrix;
type Parts = { n1: Step; n2: Step; a: Step; m: Step };
/** Each ordering again, written down by hand. */
const EQUATIONS: Record<Exclude<VitOrdering, 'parallelFused'>, (x: Matrix, parts: Parts) => Matrix> = {
  preNorm: (x, { n1, n2, a, m }) => {
    const y = add(x, a(n1(x)));
    return add(y, m(n2(y)));
  },
  postNorm: (x, { n1, n2, a, m }) => {
    const y = n1(add(x, a(x)));
    return n2(add(y, m(y)));
  },
  resPostNorm: (x, { n1, n2, a, m }) => {
    const y = add(x, n1(a(x)));
    return add(y, n2(m(y)));
  },
  mlpFirst: (x, { n1, n2, a, m }) => {
    const y = add(x, m(n2(x)));
    return add(y, a(n1(y)));
  },
  parallel: (x, { n1, n2, a, m }) => add(add(x, a(n1(x))), m(n2(x))),
};

const mixed = (qkv: Matrix, values: Values, kind: AttentionKind, name: string, layer: number): Matrix =>
  (kind === 'softmax' ? mixSoftmax(qkv, HEADS) : mixDifferential(qkv, HEADS, values, name, layer)).mixed;

/** ViT-22B: one norm and one projection in; out of it, one projection each, or one for both with differential attention. */
function fusedBlock(x: Matrix, values: Values, kind: AttentionKind, layer: number): Matrix {
  const name = `blocks.${layer}`;
  const y = linear(layerNorm(x, values, `${name}.in_norm`), values, `${name}.in_proj`);
  const m = gelu(columns(y, 0, 16));
  const a = mixed(columns(y, 16, 40), values, kind, name, layer);
  if (kind === 'differential')
    return add(
      x,
      linear(
        a.map((row, r) => [...row, ...(m[r] ?? [])]),
        values,
        `${name}.out_proj`,
      ),
    );
  return add(x, add(linear(a, values, `${name}.attn_out_proj`), linear(m, values, `${name}.mlp_out_proj`)));
}

/** One image (8 × 8 × 3, flat) to logits. */
function naiveVit(image: Float32Array, values: Values, ordering: VitOrdering, kind: AttentionKind): number[] {
  const patches = [0, 1, 2, 3].map((patch) => {
    const [top, left] = [4 * Math.floor(patch / 2), 4 * (patch % 2)];
    return Array.from({ length: 48 }, (_, i) => {
      const [row, column, channel] = [Math.floor(i / 12), Math.floor(i / 3) % 4, i % 3];
      return image[((top + row) * 8 + left + column) * 3 + channel] ?? Number.NaN;
    });
  });
  let x = add(
    [vectorOf(values, 'cls_token'), ...linear(patches, values, 'patch_embed.proj')],
    matrixOf(values, 'pos_embed'),
  );
  for (const layer of [0, 1]) {
    const name = `blocks.${layer}`;
    if (ordering === 'parallelFused') x = fusedBlock(x, values, kind, layer);
    else
      x = EQUATIONS[ordering](x, {
        n1: (y) => layerNorm(y, values, `${name}.norm1`),
        n2: (y) => layerNorm(y, values, `${name}.norm2`),
        a: (y) =>
          linear(
            mixed(linear(y, values, `${name}.attn.qkv`), values, kind, `${name}.attn`, layer),
            values,
            `${name}.attn.proj`,
          ),
        m: (y) => linear(gelu(linear(y, values, `${name}.mlp.fc1`)), values, `${name}.mlp.fc2`),
      });
  }
  return linear(layerNorm(x.slice(0, 1), values, 'norm'), values, 'head')[0] ?? [];
}

for (const attention of AttentionKind.options)
  for (const ordering of VitOrdering.options)
    test(`${ordering}, ${attention}: the logits are the equation's, and every weight gets a gradient`, (t) => {
      const network = build({ ...SMALL, ordering, attention });
      t.after(() => network.dispose());
      jitter(network);
      tf.tidy(() => {
        const images = noise([2, 8, 8, 3], 'images');
        const logits = network.forward(images, context());
        assert.deepEqual(logits.shape, [2, 3]);
        const image = Float32Array.from(images.dataSync().subarray(0, 192));
        assertNear(logits.dataSync().subarray(0, 3), naiveVit(image, valuesOf(network), ordering, attention), 2e-5);
        assertAllTrained(network, images);
      });
    });

for (const positional of Positional.options)
  for (const pool of Pool.options)
    test(`${positional} positions, ${pool} pool: shapes fit and every weight gets a gradient`, (t) => {
      const network = build({ ...SMALL, positional, pool, layerScale: 0.1, qkvBias: false });
      t.after(() => network.dispose());
      tf.tidy(() => {
        const shapes: Record<string, number[]> = {};
        const look = (name: string, value: tf.Tensor) => {
          shapes[name] = value.shape;
        };
        assert.deepEqual(network.forward(noise([2, 8, 8, 3], 'images'), context({ look })).shape, [2, 3]);
        const tokens = pool === 'cls' ? 5 : 4;
        assert.deepEqual(shapes, {
          'attention.0': [2, 2, tokens, tokens],
          'attention.1': [2, 2, tokens, tokens],
          features: [2, 8],
        });
        assertAllTrained(network, noise([2, 8, 8, 3], 'images'));
      });
    });

test('maps: softmax rows sum to 1, differential rows to 1 − λ and have negative entries', (t) => {
  for (const attention of AttentionKind.options) {
    const network = build({ ...SMALL, attention });
    t.after(() => network.dispose());
    jitter(network);
    const sums: number[] = [];
    let least = 0;
    tf.tidy(() => {
      const look = (name: string, value: tf.Tensor) => {
        if (name !== 'attention.1') return;
        sums.push(...value.sum(-1).dataSync());
        least = Math.min(...value.dataSync());
      };
      network.forward(noise([1, 8, 8, 3], 'images'), context({ look }));
    });
    const values = valuesOf(network);
    const qkv = [Array.from({ length: 24 }, () => 0)];
    const { lambda } =
      attention === 'differential' ? mixDifferential(qkv, 2, values, 'blocks.1.attn', 1) : { lambda: 0 };
    assertNear(
      sums,
      sums.map(() => 1 - lambda),
      1e-5,
    );
    assert.equal(least < 0, attention === 'differential');
  }
});

const DROPPED = { dropout: { position: 0.2, attention: 0.2, projection: 0.2, mlp: 0.2, path: 0.2 } };

test('dropout: counted from seed and step, absent in evaluation', (t) => {
  const network = build({ ...SMALL, ...DROPPED });
  t.after(() => network.dispose());
  jitter(network);
  tf.tidy(() => {
    const images = noise([4, 8, 8, 3], 'images');
    const at = (seed: number, step: number, training = true) => {
      const random = { seed: tf.scalar(seed, 'int32'), step: tf.scalar(step, 'int32') };
      return network.forward(images, context({ training, random })).dataSync().join();
    };
    assert.equal(at(1, 5), at(1, 5));
    assert.notEqual(at(1, 5), at(1, 6));
    assert.notEqual(at(1, 5), at(2, 5));
    assert.equal(at(1, 5, false), at(2, 6, false));
    assert.notEqual(at(1, 5), at(1, 5, false));
  });
});

for (const kind of ['position', 'attention', 'projection', 'mlp', 'path'])
  for (const ordering of ['preNorm', 'parallelFused'])
    test(`${kind} dropout acts in ${ordering}, and its masks reach every gradient`, (t) => {
      const network = build({ ...SMALL, ordering, dropout: { [kind]: 0.5 } });
      t.after(() => network.dispose());
      jitter(network);
      tf.tidy(() => {
        const images = noise([8, 8, 8, 3], 'images');
        const trained = network.forward(images, context({ training: true })).dataSync();
        assert.notDeepEqual(trained, network.forward(images, context()).dataSync());
        assertAllTrained(network, images);
      });
    });

test('drop-path leaves the first of several layers alone and rises to the last', (t) => {
  const network = build({ ...SMALL, depth: 1, dropout: { path: 0.9 } });
  t.after(() => network.dispose());
  jitter(network);
  tf.tidy(() => {
    const images = noise([4, 8, 8, 3], 'images');
    const [trained, evaluated] = [
      network.forward(images, context({ training: true })),
      network.forward(images, context()),
    ];
    assert.deepEqual(trained.dataSync(), evaluated.dataSync());
  });
});

test('initial values depend on seed and name alone, and follow timm’s rules', (t) => {
  const [one, again, other, deeper] = [
    build(SMALL),
    build(SMALL),
    build(SMALL, 2),
    build({ ...SMALL, depth: 3, positional: 'none' }),
  ];
  t.after(() => [one, again, other, deeper].map((network) => network.dispose()));
  const of = (network: typeof one, name: string) => network.parameters.get(name)?.dataSync();
  const drawn = [...one.parameters.keys()].filter(
    (name) => !/norm|bias|lambda/.test(name) || name === 'patch_embed.proj.bias',
  );
  for (const name of drawn) {
    assert.deepEqual(of(one, name), of(again, name));
    assert.notDeepEqual(of(one, name), of(other, name));
    if (name !== 'pos_embed') assert.deepEqual(of(one, name), of(deeper, name));
  }
  const wide = build({ ...SMALL, width: 64 });
  t.after(() => wide.dispose());
  const deviation = (name: string) => {
    const values = of(wide, name) ?? [];
    return Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0) / values.length);
  };
  for (const name of ['blocks.0.attn.qkv.weight', 'blocks.1.mlp.fc2.weight'])
    assert.ok(Math.abs(deviation(name) - 0.02) < 0.001, name);
  assert.ok(deviation('cls_token') < 3e-6);
  const bound = Math.max(...Array.from(of(wide, 'patch_embed.proj.weight') ?? []).map(Math.abs));
  assert.ok(bound <= 1 / Math.sqrt(48) && bound > 0.99 / Math.sqrt(48));
});
