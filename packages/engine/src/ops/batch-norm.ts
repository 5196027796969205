/** Batch normalisation (Ioffe and Szegedy 2015) with PyTorch's bookkeeping. */
import type { Named } from '../tensorflow/named.ts';
import { type Attribute, float32, ops } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';

export type BatchNormVariables = { gain: tf.Tensor; bias: tf.Tensor; mean: tf.Variable; variance: tf.Variable };
export type BatchNormOptions = { training: boolean; epsilon?: number; momentum?: number };

const attributes = (training: boolean, epsilon: number): Record<string, Attribute> => ({
  T: float32,
  U: float32,
  epsilon: { float: epsilon },
  data_format: { string: 'NHWC' },
  is_training: { bool: training },
});

function move(running: tf.Variable, batch: tf.Tensor, momentum: number): void {
  running.assign(tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum)));
}

function normalize(
  x: tf.Tensor,
  { gain, bias, mean, variance }: BatchNormVariables,
  { training, epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions,
): tf.Tensor {
  const given = attributes(training, epsilon);
  const forward = ({ x, gain, bias }: Named<'x' | 'gain' | 'bias'>) => {
    const none = tf.tensor1d([]);
    const statistics = training ? [none, none] : [mean, variance];
    const [y, batchMean, batchVariance, reserve1, reserve2, reserve3] = ops(
      'FusedBatchNormV3',
      given,
      [x, gain, bias, ...statistics],
      6,
    );
    if (!y || !batchMean || !batchVariance || !reserve1 || !reserve2 || !reserve3)
      throw new Error('FusedBatchNormV3 returned too few outputs');
    // Only oneDNN's kernel fills the reserved outputs in evaluation; the gradient op reads mean and variance instead.
    if (!training) return { value: y, saved: { x, gain, center: mean, spread: variance, reserve3 } };
    // TensorFlow's variance output has Bessel's correction, like PyTorch's running variance.
    move(mean, batchMean, momentum);
    move(variance, batchVariance, momentum);
    return { value: y, saved: { x, gain, center: reserve1, spread: reserve2, reserve3 } };
  };
  return withGradient({ x, gain, bias }, forward, (dy, { x, gain, center, spread, reserve3 }) => {
    const [dx, dgain, dbias] = ops('FusedBatchNormGradV3', given, [dy, x, gain, center, spread, reserve3], 5);
    if (!dx || !dgain || !dbias) throw new Error('FusedBatchNormGradV3 returned too few outputs');
    return { x: dx, gain: dgain, bias: dbias };
  });
}

/**
 * Normalise (B, H, W, C) or (…, C) over every axis but the last.
 * In training the batch's statistics normalise (biased variance), and the running ones move towards them by `momentum`
 * (PyTorch's sense: new = (1 - momentum) · old + momentum · batch, with the unbiased variance). Otherwise the running ones normalise.
 */
export function batchNorm(x: tf.Tensor, variables: BatchNormVariables, options: BatchNormOptions): tf.Tensor {
  if (x.shape.length === 4) return normalize(x, variables, options);
  const wide = tf.reshape(x, [-1, 1, 1, x.shape.at(-1) ?? 1]);
  return tf.reshape(normalize(wide, variables, options), x.shape);
}
