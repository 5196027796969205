/** Batch normalisation (Ioffe and Szegedy 2015) with PyTorch's bookkeeping. */
import { type Attribute, float32, ops } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { at, withGradient } from './gradient.ts';

export type BatchNormVariables = { gain: tf.Tensor; bias: tf.Tensor; mean: tf.Variable; variance: tf.Variable };
export type BatchNormOptions = { training: boolean; epsilon?: number; momentum?: number };

/**
 * Normalise (B, H, W, C) or (B, C) over every axis but the last.
 * In training the batch's statistics normalise (biased variance), and the running ones move towards them by `momentum`
 * (PyTorch's sense: new = (1 - momentum) · old + momentum · batch, with the unbiased variance). Otherwise the running ones normalise.
 */
export function batchNorm(
  x: tf.Tensor,
  { gain, bias, mean, variance }: BatchNormVariables,
  { training, epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions,
): tf.Tensor {
  if (x.shape.length !== 4) {
    const wide = tf.reshape(x, [-1, 1, 1, x.shape.at(-1) ?? 1]);
    return tf.reshape(batchNorm(wide, { gain, bias, mean, variance }, { training, epsilon, momentum }), x.shape);
  }
  const common: Record<string, Attribute> = {
    T: float32,
    U: float32,
    epsilon: { float: epsilon },
    data_format: { string: 'NHWC' },
    is_training: { bool: training },
  };
  return withGradient([x, gain, bias], () => {
    const none = tf.tensor1d([]);
    const [y, batchMean, batchVariance, ...kept] = ops(
      'FusedBatchNormV3',
      common,
      [x, gain, bias, training ? none : mean, training ? none : variance],
      6,
    );
    if (!y || !batchMean || !batchVariance) throw new Error('FusedBatchNormV3 returned too little');
    if (training) {
      // TensorFlow's second output is the biased mean, its third the variance with Bessel's correction: what PyTorch keeps.
      mean.assign(tf.add(tf.mul(mean, 1 - momentum), tf.mul(batchMean, momentum)));
      variance.assign(tf.add(tf.mul(variance, 1 - momentum), tf.mul(batchVariance, momentum)));
    }
    return {
      value: y,
      saved: [x, gain, ...kept],
      gradient: (dy, [x, gain, ...kept]) => {
        if (!x || !gain) throw new Error('batchNorm: nothing was saved for the gradient');
        const outputs = ops('FusedBatchNormGradV3', common, [dy, x, gain, ...kept], 5);
        return [at(outputs, 0), at(outputs, 1), at(outputs, 2)];
      },
    };
  });
}
