/** Shared by every kind of attention: tokens to heads and back, and the map between queries and keys. */
import type { tf } from '@ablate/engine';
import type { Context } from './ops.ts';

/** (B, T, D) -> (B, H, T, D/H). */
export function toHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [batch = 0, tokens = 0, width = 0] = x.shape;
  return x.reshape([batch, tokens, heads, width / heads]).transpose([0, 2, 1, 3]);
}

/** (B, T, 3D) as [q | k | v], each head-major -> three of (B, H, T, D/H). */
export function splitHeads(qkv: tf.Tensor, heads: number, { ops }: Context): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const [batch = 0, tokens = 0, threefold = 0] = qkv.shape;
  const split = qkv.reshape([batch, tokens, 3, heads, threefold / 3 / heads]).transpose([2, 0, 3, 1, 4]);
  const [q, k, v] = ops.tf.unstack(split, 0);
  if (!q || !k || !v) throw new Error('expected queries, keys and values');
  return [q, k, v];
}

/** (B, H, T, d) -> (B, T, H·d). */
export function mergeHeads(x: tf.Tensor): tf.Tensor {
  const [batch = 0, heads = 0, tokens = 0, depth = 0] = x.shape;
  return x.transpose([0, 2, 1, 3]).reshape([batch, tokens, heads * depth]);
}

/** softmax(q kᵀ / √d + mask): (…, T, d), (…, M, d) -> (…, T, M). Vaswani et al. 2017, 3.2.1. */
export function attentionMap(q: tf.Tensor, k: tf.Tensor, { ops }: Context, mask?: tf.Tensor): tf.Tensor {
  const depth = q.shape[q.rank - 1] ?? 1;
  const scores = ops.batchMatMul(q.mul(depth ** -0.5), k, { transposeB: true });
  return ops.softmax(mask ? scores.add(mask) : scores);
}
