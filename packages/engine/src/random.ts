/** Random numbers that are a function of (seed, purpose, step) alone, so that a step can be replayed and nothing but its number is restored. */
import { hashPurpose } from '@ablate/random';
import { int32, op } from './tensorflow/op.ts';
import { tf } from './tensorflow/tf.ts';

/** int32 scalars; as inputs of a program they keep it one recording for every step. */
export type Random = { seed: tf.Tensor; step: tf.Tensor };

/**
 * Numbers in [0, 1) of the given shape. `purpose` names the place that draws: two places of one step must not share it.
 * Philox 4×32 (Salmon et al. 2011) in TensorFlow's stateless op: the same numbers on every machine.
 */
export function randomUniform(shape: number[], { seed, step }: Random, purpose: string): tf.Tensor {
  const key = op('BitwiseXor', { T: int32 }, [seed, tf.scalar(hashPurpose(purpose), 'int32')]);
  return op('StatelessRandomUniform', { dtype: { type: 'float32' }, T: int32, Tseed: int32 }, [
    tf.tensor1d(shape, 'int32'),
    tf.stack([key, step]),
  ]);
}
