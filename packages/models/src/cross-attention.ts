/** Attention of one branch's class token over the other branch's tokens. Chen et al. 2021 (arXiv:2103.14899), 3.3. */
import type { tf } from '@ablate/engine';
import { attentionMap, mergeHeads, toHeads } from './heads.ts';
import { normal, zeros } from './initial.ts';
import { dropout, linear } from './layers.ts';
import type { Context } from './ops.ts';
import type { Scope } from './scope.ts';

export type CrossShape = {
  width: number;
  heads: number;
  bias: boolean;
  map: string;
  rates: { attention: number; projection: number };
};

/** Query (B, 1, D), keys and values from (B, M, D) -> (B, 1, D). */
export type CrossAttention = (query: tf.Tensor, context: tf.Tensor, pass: Context) => tf.Tensor;

export function crossAttention(s: Scope, { width, heads, bias, map, rates }: CrossShape): CrossAttention {
  const initial = { weight: normal(0.02), bias: bias ? zeros : null };
  const [wq, wk, wv] = [
    linear(s.at('wq'), width, width, initial),
    linear(s.at('wk'), width, width, initial),
    linear(s.at('wv'), width, width, initial),
  ];
  const project = linear(s.at('proj'), width, width, { weight: normal(0.02), bias: zeros });
  const dropMap = dropout(s.at('attn_drop'), rates.attention);
  const drop = dropout(s.at('proj_drop'), rates.projection);

  return (query, keys, context) => {
    const probabilities = attentionMap(toHeads(wq(query, context), heads), toHeads(wk(keys, context), heads), context);
    context.look?.(map, probabilities);
    const mixed = context.ops.batchMatMul(dropMap(probabilities, context), toHeads(wv(keys, context), heads));
    return drop(project(mergeHeads(mixed), context), context);
  };
}
