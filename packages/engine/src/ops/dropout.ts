/** Dropout (Srivastava et al. 2014) and stochastic depth (Huang et al. 2016) from stateless random numbers. */
import { type Random, randomUniform } from '../random.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';

function dropWhere(x: tf.Tensor, maskShape: number[], rate: number, random: Random, purpose: string): tf.Tensor {
  if (!(rate >= 0 && rate < 1)) throw new Error(`${purpose}: a dropout rate must be in [0, 1), not ${rate}`);
  if (rate === 0) return x;
  const scaled = (t: tf.Tensor, kept: tf.Tensor) => tf.mul(t, tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate)));
  return withGradient(
    { x },
    ({ x }) => {
      const kept = tf.greaterEqual(randomUniform(maskShape, random, purpose), rate);
      return { value: scaled(x, kept), saved: { kept } };
    },
    (dy, { kept }) => ({ x: scaled(dy, kept) }),
  );
}

/** Zero each element with probability `rate`, and scale the others by 1 / (1 - rate). `purpose` is unique within a model. */
export const dropout = (x: tf.Tensor, rate: number, random: Random, purpose: string): tf.Tensor =>
  dropWhere(x, x.shape, rate, random, purpose);

/** Zero whole samples (first axis) with probability `rate`, and scale the others by 1 / (1 - rate). */
export const dropPath = (x: tf.Tensor, rate: number, random: Random, purpose: string): tf.Tensor =>
  dropWhere(x, [x.shape[0] ?? 1, ...x.shape.slice(1).map(() => 1)], rate, random, purpose);
