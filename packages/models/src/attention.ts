/** Self-attention, from fused queries, keys and values to mixed values. */
import type { AttentionKind } from '@ablate/contracts';
import type { tf } from '@ablate/engine';
import { attentionMap, mergeHeads, splitHeads } from './heads.ts';
import { normal, ones, zeros } from './initial.ts';
import { dropout, linear } from './layers.ts';
import type { Layer } from './ops.ts';
import type { Scope } from './scope.ts';

export type AttentionShape = {
  kind: AttentionKind;
  width: number;
  /** In differential attention each head has two maps. */
  heads: number;
  qkvBias: boolean;
  /** Index in the depth, from 0: it sets λ's start. */
  layer: number;
  /** Name under which `look` receives the map. */
  map: string;
  rates: { attention: number; projection: number };
};

type Mixer = (s: Scope, shape: AttentionShape) => Layer;

/** Vaswani et al. 2017: softmax(q kᵀ / √d) v in each head. */
const softmaxMixer: Mixer = (s, { heads, map, rates }) => {
  const drop = dropout(s.at('attn_drop'), rates.attention);
  return (qkv, context) => {
    const [q, k, v] = splitHeads(qkv, heads, context);
    const probabilities = attentionMap(q, k, context);
    context.look?.(map, probabilities);
    return mergeHeads(context.ops.batchMatMul(drop(probabilities, context), v));
  };
};

/** λ's start in layer `l`, from 0. Ye et al. 2024 (arXiv:2410.05258), 2.1. */
const lambdaStart = (l: number): number => 0.8 - 0.6 * Math.exp(-0.3 * l);

/**
 * Ye et al. 2024 (arXiv:2410.05258): the difference of two maps, (softmax(q₁k₁ᵀ/√d) − λ softmax(q₂k₂ᵀ/√d)) v with d = D/H/2,
 * RMS norm in each head (gain shared by the heads), times 1 − λ's start. The map shown is the signed difference; `first.` and `second.`
 * before its name show the two maps.
 */
const differentialMixer: Mixer = (s, { heads, width, layer, map, rates }) => {
  const half = width / heads / 2;
  const vector = (name: string) => s.parameter(name, [half], normal(0.1));
  const [q1, k1, q2, k2] = [vector('lambda_q1'), vector('lambda_k1'), vector('lambda_q2'), vector('lambda_k2')];
  const gain = s.at('sub_norm').parameter('weight', [2 * half], ones);
  const start = lambdaStart(layer);
  const drop = dropout(s.at('attn_drop'), rates.attention);

  /** λ = exp(λq₁·λk₁) − exp(λq₂·λk₂) + start, a scalar. */
  const lambda = (): tf.Tensor => q1().mul(k1()).sum().exp().sub(q2().mul(k2()).sum().exp()).add(start);

  /** (B, H, N, 2d) -> (2B, H, N, d): heads 2i, then heads 2i + 1. */
  const pair = (x: tf.Tensor): tf.Tensor => {
    const [batch = 0, , tokens = 0] = x.shape;
    return x
      .reshape([batch, heads, tokens, 2, half])
      .transpose([3, 0, 1, 2, 4])
      .reshape([2 * batch, heads, tokens, half]);
  };

  return (qkv, context) => {
    const { ops } = context;
    const [q, k, v] = splitHeads(qkv, heads, context);
    const [batch = 0, , tokens = 0] = v.shape;
    const maps = drop(attentionMap(pair(q), pair(k), context), context).reshape([2, batch, heads, tokens, tokens]);
    const [first, second] = ops.tf.unstack(maps, 0);
    if (!first || !second) throw new Error('expected two attention maps');
    const difference = first.sub(second.mul(lambda()));
    context.look?.(map, difference);
    context.look?.(`first.${map}`, first);
    context.look?.(`second.${map}`, second);
    const mixed = ops.rmsNorm(ops.batchMatMul(difference, v), gain(), 1e-5);
    return mergeHeads(mixed.mul(1 - start));
  };
};

/** The experiment axis: (B, N, 3D) -> (B, N, D). */
export const mixers: Record<AttentionKind, Mixer> = { softmax: softmaxMixer, differential: differentialMixer };

/** qkv, mix, project: (B, N, D) -> (B, N, D). Linear layers only. */
export function attention(s: Scope, shape: AttentionShape): Layer {
  const { kind, width, qkvBias, rates } = shape;
  const qkv = linear(s.at('qkv'), width, 3 * width, { weight: normal(0.02), bias: qkvBias ? zeros : null });
  const mix = mixers[kind](s, shape);
  const project = linear(s.at('proj'), width, width, { weight: normal(0.02), bias: zeros });
  const drop = dropout(s.at('proj_drop'), rates.projection);
  return (x, context) => drop(project(mix(qkv(x, context), context), context), context);
}
