/** Normalisation over the last axis: layer norm (Ba et al. 2016) and RMS norm (Zhang and Sennrich 2019). */
import { tf } from '../tensorflow/tf.ts';
import { at, withGradient } from './gradient.ts';
import { columnSum } from './linear.ts';

const rowMean = (x: tf.Tensor) => tf.mean(x, -1, true);

/** (…, C) with mean 0 and variance 1 over C, times gain (C), plus bias (C). */
export function layerNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor, epsilon = 1e-6): tf.Tensor {
  return withGradient([x, gain, bias], () => {
    const centred = tf.sub(x, rowMean(x));
    const scale = tf.rsqrt(tf.add(rowMean(tf.square(centred)), epsilon));
    const normal = tf.mul(centred, scale);
    return {
      value: tf.add(tf.mul(normal, gain), bias),
      saved: [normal, scale, gain],
      gradient: (dy, saved) => {
        const [normal, scale, gain] = [at(saved, 0), at(saved, 1), at(saved, 2)];
        const scaled = tf.mul(dy, gain);
        const along = tf.mul(normal, rowMean(tf.mul(scaled, normal)));
        const dx = tf.mul(tf.sub(tf.sub(scaled, rowMean(scaled)), along), scale);
        return [dx, columnSum(tf.mul(dy, normal)), columnSum(dy)];
      },
    };
  });
}

/** (…, C) divided by its root mean square over C, times gain (C) where there is one. */
export function rmsNorm(x: tf.Tensor, gain: tf.Tensor | null, epsilon = 1e-5): tf.Tensor {
  return withGradient(gain ? [x, gain] : [x], () => {
    const scale = tf.rsqrt(tf.add(rowMean(tf.square(x)), epsilon));
    const normal = tf.mul(x, scale);
    return {
      value: gain ? tf.mul(normal, gain) : normal,
      saved: gain ? [normal, scale, gain] : [normal, scale],
      gradient: (dy, [normal, scale, gain]) => {
        if (!normal || !scale) throw new Error('rmsNorm: nothing was saved for the gradient');
        const scaled = gain ? tf.mul(dy, gain) : dy;
        const dx = tf.mul(tf.sub(scaled, tf.mul(normal, rowMean(tf.mul(scaled, normal)))), scale);
        return gain ? [dx, columnSum(tf.mul(dy, normal))] : [dx];
      },
    };
  });
}
