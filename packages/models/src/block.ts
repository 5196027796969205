/** The transformer block, in every ordering. */
import type { VitOrdering } from '@ablate/contracts';
import type { tf } from '@ablate/engine';
import { type AttentionShape, attention, mixers } from './attention.ts';
import { constant, normal, ones, zeros } from './initial.ts';
import { dropout, dropPath, layerNorm, linear } from './layers.ts';
import { type Context, chain, gelu, identity, type Layer } from './ops.ts';
import type { Scope } from './scope.ts';

export type BlockShape = Omit<AttentionShape, 'rates'> & {
  ordering: VitOrdering;
  hidden: number;
  epsilon: number;
  layerScale: number | null;
  rates: { attention: number; projection: number; mlp: number; path: number };
};

/** fc1 > GELU > dropout > fc2 > dropout. */
function mlp(s: Scope, width: number, hidden: number, rate: number): Layer {
  return chain(
    linear(s.at('fc1'), width, hidden, { weight: normal(0.02), bias: zeros }),
    gelu,
    dropout(s.at('drop1'), rate),
    linear(s.at('fc2'), hidden, width, { weight: normal(0.02), bias: zeros }),
    dropout(s.at('drop2'), rate),
  );
}

/** A learned gain for each channel of a residual branch. Touvron et al. 2021 (arXiv:2103.17239). */
function layerScale(s: Scope, width: number, start: number | null): Layer {
  if (start === null) return identity;
  const gamma = s.parameter('gamma', [width], constant(start));
  return (x) => x.mul(gamma());
}

type Step = (x: tf.Tensor) => tf.Tensor;
/** `f` is the function with its layer scale, `drop` drops whole paths; all (B, N, D) -> (B, N, D). */
type Branch<F> = { norm: F; f: F; drop: F };

const pre = (x: tf.Tensor, { norm, f, drop }: Branch<Step>): tf.Tensor => x.add(drop(f(norm(x))));
const post = (x: tf.Tensor, { norm, f, drop }: Branch<Step>): tf.Tensor => norm(x.add(drop(f(x))));
const resPost = (x: tf.Tensor, { norm, f, drop }: Branch<Step>): tf.Tensor => x.add(drop(norm(f(x))));

type Ordering = (x: tf.Tensor, a: Branch<Step>, m: Branch<Step>) => tf.Tensor;
type TwoBranched = Exclude<VitOrdering, 'parallelFused'>;

/** The experiment axis. Each ordering reads as its equation; `a` is attention, `m` the MLP. */
const orderings: Record<TwoBranched, Ordering> = {
  preNorm: (x, a, m) => pre(pre(x, a), m),
  postNorm: (x, a, m) => post(post(x, a), m),
  resPostNorm: (x, a, m) => resPost(resPost(x, a), m),
  mlpFirst: (x, a, m) => pre(pre(x, m), a),
  parallel: (x, a, m) => x.add(a.drop(a.f(a.norm(x)))).add(m.drop(m.f(m.norm(x)))),
};

const bind = ({ norm, f, drop }: Branch<Layer>, context: Context): Branch<Step> => ({
  norm: (x) => norm(x, context),
  f: (x) => f(x, context),
  drop: (x) => drop(x, context),
});

function twoBranched(s: Scope, ordering: TwoBranched, shape: BlockShape): Layer {
  const { width, hidden, epsilon, rates } = shape;
  // Swin v2, and timm's ResPostBlock: the norm's own gain is the layer scale.
  const inNorm = ordering === 'resPostNorm' ? constant(shape.layerScale ?? 1) : ones;
  const scale = ordering === 'resPostNorm' ? null : shape.layerScale;
  const branch = (index: 1 | 2, f: Layer): Branch<Layer> => ({
    norm: layerNorm(s.at(`norm${index}`), width, epsilon, inNorm),
    f: chain(f, layerScale(s.at(`ls${index}`), width, scale)),
    drop: dropPath(s.at(`drop_path${index}`), rates.path),
  });
  const a = branch(1, attention(s.at('attn'), shape));
  const m = branch(2, mlp(s.at('mlp'), width, hidden, rates.mlp));
  return (x, context) => orderings[ordering](x, bind(a, context), bind(m, context));
}

/**
 * ViT-22B's parallel block (Dehghani et al. 2023, arXiv:2302.05442; timm's ParallelScalingBlock): one norm, one projection into
 * [mlp | q | k | v]. Softmax attention and MLP have separate output projections; differential attention shares one, as in timm.
 */
function fused(s: Scope, shape: BlockShape): Layer {
  const { width, hidden, epsilon, qkvBias, rates, kind } = shape;
  const norm = layerNorm(s.at('in_norm'), width, epsilon);
  const out = { weight: normal(0.02), bias: zeros };
  const into = linear(s.at('in_proj'), width, hidden + 3 * width, { ...out, bias: qkvBias ? zeros : null });
  const mlpBias = qkvBias ? null : s.parameter('mlp_bias', [hidden], zeros);
  const mix = mixers[kind](s, shape);
  const dropMlp = dropout(s.at('mlp_drop'), rates.mlp);
  const dropProjection = dropout(s.at('proj_drop'), rates.projection);

  const project: (mixed: tf.Tensor, activated: tf.Tensor, context: Context) => tf.Tensor = (() => {
    if (kind === 'differential') {
      const both = linear(s.at('out_proj'), width + hidden, width, out);
      return (mixed, activated, context) => both(mixed.concat(activated, 2), context);
    }
    const ofAttention = linear(s.at('attn_out_proj'), width, width, out);
    const ofMlp = linear(s.at('mlp_out_proj'), hidden, width, out);
    return (mixed, activated, context) => ofAttention(mixed, context).add(ofMlp(activated, context));
  })();

  const f: Layer = (x, context) => {
    const [batch = 0, tokens = 0] = x.shape;
    const y = into(x, context);
    const first = y.slice([0, 0, 0], [batch, tokens, hidden]);
    const activated = dropMlp(gelu(mlpBias ? first.add(mlpBias()) : first, context), context);
    const mixed = mix(y.slice([0, 0, hidden], [batch, tokens, 3 * width]), context);
    return dropProjection(project(mixed, activated, context), context);
  };
  const branch = {
    norm,
    f: chain(f, layerScale(s.at('ls'), width, shape.layerScale)),
    drop: dropPath(s.at('drop_path'), rates.path),
  };
  return (x, context) => pre(x, bind(branch, context));
}

/** With an observer, free a layer's intermediate tensors as soon as it is done: maps of thousands of tokens are large. */
const freed =
  (layer: Layer): Layer =>
  (x, context) =>
    context.look ? context.ops.tf.tidy(() => layer(x, context)) : layer(x, context);

/** One block, (B, N, D) -> (B, N, D), with timm's names. */
export const block = (s: Scope, shape: BlockShape): Layer =>
  freed(shape.ordering === 'parallelFused' ? fused(s, shape) : twoBranched(s, shape.ordering, shape));
