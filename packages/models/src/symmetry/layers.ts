/** Symmetries of single layers, on random inputs and weights. */

import { VitOrdering } from '@ablate/contracts';
import * as engine from '@ablate/engine';
import { tf } from '@ablate/engine';
import { countedRandom, randomKey } from '@ablate/random';
import { attention } from '../attention.ts';
import { block } from '../block.ts';
import { layerNorm, plainLinear } from '../layers.ts';
import { type Context, chain, gelu, type Layer } from '../ops.ts';
import { openScope, type Scope } from '../scope.ts';
import { circularPadding, flipped, permutation, permutedTokens, rolled } from './actions.ts';
import { type Claim, measure, type SymmetryRow } from './measure.ts';

const SIDE = 12;
const CHANNELS = 4;
const TOKENS = 9;
const WIDTH = 16;

function values(shape: number[], seed: number, name: string): tf.Tensor {
  const random = countedRandom(randomKey(seed, name));
  return tf.tensor(
    new Float32Array(shape.reduce((a, b) => a * b, 1)).map(() => random.normal()),
    shape,
    'float32',
  );
}

/** Run `use` with a layer of random weights, then dispose them. */
function withLayer<T>(declare: (s: Scope) => Layer, seed: number, use: (f: (x: tf.Tensor) => tf.Tensor) => T): T {
  const { scope, declared, bind } = openScope();
  const layer = declare(scope);
  const variables = [...declared].map(([name, { shape }]) => {
    const variable = tf.tidy(() => tf.variable(tf.mul(values(shape, seed, name), 0.3)));
    bind(name, variable);
    return variable;
  });
  const zero = tf.scalar(0, 'int32');
  const context: Context = { training: false, random: { seed: zero, step: zero }, ops: engine };
  try {
    return use((x) => layer(x, context));
  } finally {
    for (const tensor of [...variables, zero]) tensor.dispose();
  }
}

type Convolve = { kernel: number; stride: number; circular: boolean };

const convolution =
  (seed: number, { kernel, stride, circular }: Convolve) =>
  (x: tf.Tensor): tf.Tensor => {
    const filter = values([kernel, kernel, CHANNELS, CHANNELS], seed, 'filter');
    const padding = (kernel - 1) / 2;
    return circular
      ? engine.conv2d(circularPadding(x, padding), filter, { stride, padding: 0 })
      : engine.conv2d(x, filter, { stride, padding });
  };

/** A 3×3 convolution whose kernels are their own mirror images. */
const mirrored =
  (seed: number) =>
  (x: tf.Tensor): tf.Tensor => {
    const filter = values([3, 3, CHANNELS, CHANNELS], seed, 'filter');
    return engine.conv2d(x, tf.add(filter, tf.reverse(filter, 1)), { stride: 1, padding: 1 });
  };

/** conv (stride 2) > norm > ReLU > conv (stride 2) > global average: total stride 4. */
const pooledNetwork =
  (seed: number) =>
  (x: tf.Tensor): tf.Tensor => {
    const conv = convolution(seed, { kernel: 3, stride: 2, circular: true });
    const scale = values([CHANNELS], seed, 'gain');
    return tf.mean(conv(engine.relu(tf.add(tf.mul(conv(x), scale), 0.1))), [1, 2]);
  };

/** Cut `width` pixels on every side, where padding with zeros has an effect. */
const inside =
  (width: number) =>
  (x: tf.Tensor): tf.Tensor => {
    const [batch = 0, height = 0, across = 0, channels = 0] = x.shape;
    return tf.slice(x, [0, width, width, 0], [batch, height - 2 * width, across - 2 * width, channels]);
  };

type ShiftRow = [
  subject: string,
  f: (x: tf.Tensor) => tf.Tensor,
  by: number,
  onOutput: number | null,
  compare?: number,
];

/** Shifts. `onOutput` is how far the output moves, null if it must not change; `compare` cuts the border. */
const shifts = (seed: number): Claim[] => {
  const conv = (shape: Convolve) => convolution(seed, shape);
  const rows: ShiftRow[] = [
    ['3×3 convolution, stride 1, circular padding', conv({ kernel: 3, stride: 1, circular: true }), 1, 1],
    ['3×3 convolution, stride 1, zero padding', conv({ kernel: 3, stride: 1, circular: false }), 1, 1],
    [
      '3×3 convolution, stride 1, zero padding, away from the border',
      conv({ kernel: 3, stride: 1, circular: false }),
      1,
      1,
      2,
    ],
    ['3×3 convolution, stride 2, circular padding', conv({ kernel: 3, stride: 2, circular: true }), 1, 1],
    ['3×3 convolution, stride 2, circular padding', conv({ kernel: 3, stride: 2, circular: true }), 2, 1],
    ['ReLU', engine.relu, 1, 1],
    ['max pool 2×2, stride 2', (x) => engine.maxPool2d(x, { size: 2, stride: 2, padding: 0 }), 1, 1],
    ['max pool 2×2, stride 2', (x) => engine.maxPool2d(x, { size: 2, stride: 2, padding: 0 }), 2, 1],
    ['global average pool', (x) => tf.mean(x, [1, 2]), 1, null],
    ['circular convolutions of total stride 4, then global average pool', pooledNetwork(seed), 1, null],
    ['circular convolutions of total stride 4, then global average pool', pooledNetwork(seed), 4, null],
  ];
  return rows.map(([subject, f, by, onOutput, compare]) => ({
    subject,
    action: `shift by ${by} px`,
    f,
    input: () => values([2, SIDE, SIDE, CHANNELS], seed, 'images'),
    act: (x) => rolled(x, [by, by]),
    ...(onOutput !== null && { onOutput: (y: tf.Tensor) => rolled(y, [onOutput, onOutput]) }),
    ...(compare !== undefined && { compare: inside(compare) }),
  }));
};

/** Flips. The output is mirrored, too, unless it has no positions. */
const flips = (seed: number): Claim[] => {
  const rows: [subject: string, f: (x: tf.Tensor) => tf.Tensor, onOutput: boolean][] = [
    ['3×3 convolution, stride 1, zero padding', convolution(seed, { kernel: 3, stride: 1, circular: false }), true],
    ['3×3 convolution of mirrored kernels, stride 1, zero padding', mirrored(seed), true],
    ['ReLU', engine.relu, true],
    ['max pool 2×2, stride 2', (x) => engine.maxPool2d(x, { size: 2, stride: 2, padding: 0 }), true],
    ['global average pool', (x) => tf.mean(x, [1, 2]), false],
  ];
  return rows.map(([subject, f, onOutput]) => ({
    subject,
    action: 'flip',
    f,
    input: () => values([2, SIDE, SIDE, CHANNELS], seed, 'images'),
    act: flipped,
    ...(onOutput && { onOutput: flipped }),
  }));
};

const attentionShape = (kind: 'softmax' | 'differential') => ({
  kind,
  width: WIDTH,
  heads: 2,
  qkvBias: true,
  layer: 1,
  map: 'map',
  rates: { attention: 0, projection: 0 },
});

const blockOf =
  (ordering: VitOrdering, kind: 'softmax' | 'differential') =>
  (s: Scope): Layer =>
    block(s, {
      ...attentionShape(kind),
      ordering,
      hidden: 2 * WIDTH,
      epsilon: 1e-6,
      layerScale: null,
      rates: { attention: 0, projection: 0, mlp: 0, path: 0 },
    });

/** A block after the addition of positions: the table is part of the layer. */
const withPositions =
  (declare: (s: Scope) => Layer) =>
  (s: Scope): Layer => {
    const table = s.parameter('pos_embed', [1, TOKENS, WIDTH], () => undefined);
    const layer = declare(s);
    return (x, context) => layer(tf.add(x, table()), context);
  };

/** The attention map (B, H, T, T) instead of the layer's output. */
const mapOf =
  (declare: (s: Scope) => Layer) =>
  (s: Scope): Layer => {
    const layer = declare(s);
    return (x, context) => {
      const seen: tf.Tensor[] = [];
      layer(x, { ...context, look: (_, map) => seen.push(map) });
      return seen[0] ?? x;
    };
  };

type TokenRow = [subject: string, declare: (s: Scope) => Layer];

const tokenLayers: TokenRow[] = [
  ['layer norm', (s) => layerNorm(s, WIDTH, 1e-6)],
  ['MLP', (s) => chain(plainLinear(s.at('fc1'), WIDTH, 2 * WIDTH), gelu, plainLinear(s.at('fc2'), 2 * WIDTH, WIDTH))],
  ['softmax attention', (s) => attention(s, attentionShape('softmax'))],
  ['differential attention', (s) => attention(s, attentionShape('differential'))],
  ...VitOrdering.options.map((ordering): TokenRow => [`ViT block, ${ordering}`, blockOf(ordering, 'softmax')]),
  ['ViT block, preNorm, differential', blockOf('preNorm', 'differential')],
  ['ViT block, preNorm, after learned positions', withPositions(blockOf('preNorm', 'softmax'))],
];

/** Measures which symmetries layers have. About a second on a CPU. */
export function layerSymmetries({ seed }: { seed: number }): SymmetryRow[] {
  const order = permutation(TOKENS);
  const permute = (x: tf.Tensor): tf.Tensor => permutedTokens(x, order);
  const tokens = tokenLayers.map(([subject, declare]) =>
    withLayer(declare, seed, (f) =>
      measure({
        subject,
        action: 'permute tokens',
        f,
        input: () => values([2, TOKENS, WIDTH], seed, 'tokens'),
        act: permute,
        onOutput: permute,
      }),
    ),
  );
  const both = (map: tf.Tensor): tf.Tensor => {
    const indices = tf.tensor1d(order, 'int32');
    return tf.gather(tf.gather(map, indices, 2), indices, 3);
  };
  const map = withLayer(
    mapOf((s) => attention(s, attentionShape('softmax'))),
    seed,
    (f) =>
      measure({
        subject: 'attention map, on both axes',
        action: 'permute tokens',
        f,
        input: () => values([2, TOKENS, WIDTH], seed, 'tokens'),
        act: permute,
        onOutput: both,
      }),
  );
  return [...shifts(seed).map(measure), ...flips(seed).map(measure), ...tokens, map];
}
