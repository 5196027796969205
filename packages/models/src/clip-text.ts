/** CLIP's text side: a causal pre-norm transformer, read at the end token. OpenAI's names. */
import type { ClipModel } from '@ablate/contracts';
import type { tf } from '@ablate/engine';
import { attentionMap, mergeHeads, splitHeads } from './heads.ts';
import { fanIn, normal, zeros } from './initial.ts';
import { layerNorm, linear } from './layers.ts';
import type { Context, Layer } from './ops.ts';
import type { Scope } from './scope.ts';

const EPSILON = 1e-5;

/** Added to the scores (T, T): 0 for a token itself and those before it, minus infinity for those after it. */
function causalMask(tokens: number): Float32Array {
  const mask = new Float32Array(tokens * tokens);
  for (let row = 0; row < tokens; row++)
    mask.fill(Number.NEGATIVE_INFINITY, row * tokens + row + 1, (row + 1) * tokens);
  return mask;
}

type TextShape = ClipModel['text'];

/** torch.nn.MultiheadAttention with a causal mask: (B, T, D) -> (B, T, D). Shows `attention.text.<layer>`. */
function causalAttention(s: Scope, { width, heads, depth }: TextShape, layer: number): Layer {
  const weight = s.parameter('in_proj_weight', [width, 3 * width], normal(width ** -0.5));
  const bias = s.parameter('in_proj_bias', [3 * width], zeros);
  const project = linear(s.at('out_proj'), width, width, { weight: normal((2 * width * depth) ** -0.5), bias: zeros });
  return (x, context) => {
    const { ops } = context;
    const [, tokens = 0] = x.shape;
    const [q, k, v] = splitHeads(ops.linear(x, weight(), bias()), heads, context);
    const mask = ops.tf.tensor(causalMask(tokens), [tokens, tokens], 'float32');
    const probabilities = attentionMap(q, k, context, mask);
    context.look?.(`attention.text.${layer}`, probabilities);
    return project(mergeHeads(ops.batchMatMul(probabilities, v)), context);
  };
}

function textBlock(s: Scope, shape: TextShape, layer: number): Layer {
  const { width, depth } = shape;
  const [norm1, norm2] = [layerNorm(s.at('ln_1'), width, EPSILON), layerNorm(s.at('ln_2'), width, EPSILON)];
  const attend = causalAttention(s.at('attn'), shape, layer);
  const widen = linear(s.at('mlp', 'c_fc'), width, 4 * width, {
    weight: normal((2 * width) ** -0.5),
    bias: fanIn(width),
  });
  const narrow = linear(s.at('mlp', 'c_proj'), 4 * width, width, {
    weight: normal((2 * width * depth) ** -0.5),
    bias: fanIn(4 * width),
  });
  return (input, context) => {
    const x = input.add(attend(norm1(input, context), context));
    return x.add(narrow(context.ops.quickGelu(widen(norm2(x, context), context)), context));
  };
}

/**
 * Token ids (B, T), int32, to text features (B, embedding), not normalised. A text is read at its largest id: the end token.
 * Radford et al. 2021 (arXiv:2103.00020), 2.4.
 */
export function clipText(s: Scope, { text, embedding }: ClipModel): (tokens: tf.Tensor, context: Context) => tf.Tensor {
  const { vocabulary, context: length, width, depth } = text;
  const words = s.at('token_embedding').parameter('weight', [vocabulary, width], normal(0.02));
  const table = s.parameter('positional_embedding', [length, width], normal(0.01));
  const blocks = Array.from({ length: depth }, (_, layer) =>
    textBlock(s.at('transformer', 'resblocks', layer), text, layer),
  );
  const norm = layerNorm(s.at('ln_final'), width, EPSILON);
  const projection = s.parameter('text_projection', [width, embedding], normal(width ** -0.5));

  return (tokens, context) => {
    const { ops } = context;
    const { tf } = ops;
    const [batch = 0, count = 0] = tokens.shape;
    if (count > length) throw new Error(`texts have ${count} tokens; the context has ${length}`);
    let x = tf.gather(words(), tokens.reshape([batch * count]).toInt()).reshape([batch, count, width]);
    x = x.add(table().slice([0, 0], [count, width]));
    for (const block of blocks) x = block(x, context);
    const ends = tf.oneHot(tokens.argMax(1), count).toFloat().reshape([batch, count, 1]);
    return ops.linear(norm(x.mul(ends).sum(1), context), projection(), null);
  };
}
