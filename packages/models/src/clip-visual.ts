/** CLIP's image side: a ResNet with a three-convolution stem, average pools instead of strides, and an attention pool. OpenAI's names. */
import type { ClipModel } from '@ablate/contracts';
import type { tf } from '@ablate/engine';
import { attentionMap, mergeHeads, toHeads } from './heads.ts';
import { fanIn, type Initial, normal, ones, zeros } from './initial.ts';
import { batchNorm, convolution, linear } from './layers.ts';
import { type Context, chain, identity, type Layer, relu } from './ops.ts';
import type { Scope } from './scope.ts';

const EXPANSION = 4;

const average =
  (size: number): Layer =>
  (x, { ops }) =>
    size === 1 ? x : ops.avgPool2d(x, { size, stride: size });

type Normed = { inputs: number; outputs: number; kernel: number; stride?: number; gain?: Initial };

/** conv<index> with PyTorch's default values, then bn<index>. */
function normed(s: Scope, index: number, { gain = ones, ...shape }: Normed): Layer {
  const { inputs, outputs, kernel } = shape;
  const weight = fanIn(kernel * kernel * inputs);
  return chain(
    convolution(s.at(`conv${index}`), { ...shape, padding: (kernel - 1) / 2, weight }),
    batchNorm(s.at(`bn${index}`), outputs, gain),
  );
}

/** Every convolution has stride 1. An average pool shrinks the map, before the last convolution and in the shortcut. */
function bottleneck(s: Scope, inputs: number, width: number, stride: number): Layer {
  const outputs = EXPANSION * width;
  const branch = chain(
    normed(s, 1, { inputs, outputs: width, kernel: 1 }),
    relu,
    normed(s, 2, { inputs: width, outputs: width, kernel: 3 }),
    relu,
    average(stride),
    normed(s, 3, { inputs: width, outputs, kernel: 1, gain: zeros }),
  );
  const shortcut =
    stride === 1 && inputs === outputs
      ? identity
      : chain(
          average(stride),
          convolution(s.at('downsample', 0), { inputs, outputs, kernel: 1, weight: fanIn(inputs) }),
          batchNorm(s.at('downsample', 1), outputs),
        );
  return (x, context) => context.ops.relu(branch(x, context).add(shortcut(x, context)));
}

type PoolShape = { positions: number; width: number; heads: number; outputs: number };

/** Multi-head attention whose only query is the mean over positions: (B, h, w, width) -> (B, outputs). Shows `attention.pool`. */
function attentionPool(s: Scope, { positions, width, heads, outputs }: PoolShape): Layer {
  const table = s.parameter('positional_embedding', [positions + 1, width], normal(width ** -0.5));
  const draw = { weight: normal(width ** -0.5), bias: fanIn(width) };
  const [toKeys, toQuery, toValues] = [
    linear(s.at('k_proj'), width, width, draw),
    linear(s.at('q_proj'), width, width, draw),
    linear(s.at('v_proj'), width, width, draw),
  ];
  const project = linear(s.at('c_proj'), width, outputs, draw);
  return (x, context) => {
    const [batch = 0] = x.shape;
    const map = x.reshape([batch, positions, width]);
    const all = map.mean(1, true).concat(map, 1).add(table());
    const query = toHeads(toQuery(all.slice([0, 0, 0], [batch, 1, width]), context), heads);
    const probabilities = attentionMap(query, toHeads(toKeys(all, context), heads), context);
    context.look?.('attention.pool', probabilities);
    const mixed = mergeHeads(context.ops.batchMatMul(probabilities, toHeads(toValues(all, context), heads)));
    return project(mixed.reshape([batch, width]), context);
  };
}

/** Images (B, S, S, 3) -> image features (B, embedding), not normalised. Radford et al. 2021 (arXiv:2103.00020). */
export function clipVisual(s: Scope, model: ClipModel): (images: tf.Tensor, context: Context) => tf.Tensor {
  const { depths, width, heads } = model.vision;
  const layers: Layer[] = [
    normed(s, 1, { inputs: 3, outputs: width / 2, kernel: 3, stride: 2 }),
    relu,
    normed(s, 2, { inputs: width / 2, outputs: width / 2, kernel: 3 }),
    relu,
    normed(s, 3, { inputs: width / 2, outputs: width, kernel: 3 }),
    relu,
    average(2),
  ];
  let inputs = width;
  for (const [stage, depth] of depths.entries()) {
    const inner = width * 2 ** stage;
    for (let index = 0; index < depth; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      layers.push(bottleneck(s.at(`layer${stage + 1}`, index), inputs, inner, stride));
      inputs = EXPANSION * inner;
    }
  }
  const side = Math.floor(model.imageSize / 32);
  const shape = { positions: side * side, width: inputs, heads, outputs: model.embedding };
  return chain(...layers, attentionPool(s.at('attnpool'), shape));
}
