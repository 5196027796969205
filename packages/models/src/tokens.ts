/** Splitting and joining tokens (B, T, D). */
import type { tf } from '@ablate/engine';
import type { Parameter } from './scope.ts';

/** The token at an index: (B, T, D) -> (B, D). */
export function tokenAt(x: tf.Tensor, index: number): tf.Tensor {
  const [batch = 0, , width = 0] = x.shape;
  return x.slice([0, index, 0], [batch, 1, width]).reshape([batch, width]);
}

/** The class token and the patches: (B, 1 + N, D) -> (B, 1, D), (B, N, D). */
export function splitClass(x: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const [batch = 0, tokens = 0, width = 0] = x.shape;
  return [x.slice([0, 0, 0], [batch, 1, width]), x.slice([0, 1, 0], [batch, tokens - 1, width])];
}

/**
 * Put the class token first and add the positions: (B, N, D) -> (B, T, D). As one sum, so that one reduction over the batch gives
 * the gradients of both the token and the table.
 */
export function withPositions(x: tf.Tensor, cls: Parameter | null, table: tf.Tensor | null): tf.Tensor {
  if (!cls) return table ? x.add(table) : x;
  const [, patches = 0] = x.shape;
  const token = cls().pad([
    [0, 0],
    [0, patches],
    [0, 0],
  ]);
  const shifted = x.pad([
    [0, 0],
    [1, 0],
    [0, 0],
  ]);
  return shifted.add(table ? token.add(table) : token);
}
