/** Activations with gradients of their own. */
import { float32, op } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { at, withGradient } from './gradient.ts';

/** max(x, 0). */
export const relu = (x: tf.Tensor): tf.Tensor =>
  withGradient([x], () => {
    const y = op('Relu', { T: float32 }, [x]);
    return { value: y, saved: [y], gradient: (dy, saved) => [op('ReluGrad', { T: float32 }, [dy, at(saved, 0)])] };
  });

/** Φ(x), the normal distribution function. */
const normal = (x: tf.Tensor) => tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);

/** x · Φ(x), exact (Hendrycks and Gimpel 2016), as torch.nn.GELU(). */
export const gelu = (x: tf.Tensor): tf.Tensor =>
  withGradient([x], () => ({
    value: tf.mul(x, normal(x)),
    saved: [x],
    gradient: (dy, saved) => {
      const x = at(saved, 0);
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [tf.mul(dy, tf.add(normal(x), tf.mul(x, density)))];
    },
  }));

/** x · σ(1.702 x), CLIP's approximation. */
export const quickGelu = (x: tf.Tensor): tf.Tensor =>
  withGradient([x], () => ({
    value: tf.mul(x, tf.sigmoid(tf.mul(x, 1.702))),
    saved: [x],
    gradient: (dy, saved) => {
      const x = at(saved, 0);
      const gate = tf.sigmoid(tf.mul(x, 1.702));
      return [tf.mul(dy, tf.mul(gate, tf.add(tf.mul(tf.mul(x, 1.702), tf.sub(1, gate)), 1)))];
    },
  }));

/** Softmax over the last axis. */
export const softmax = (x: tf.Tensor): tf.Tensor =>
  withGradient([x], () => {
    const y = op('Softmax', { T: float32 }, [x]);
    return {
      value: y,
      saved: [y],
      gradient: (dy, saved) => {
        const y = at(saved, 0);
        const weighted = tf.mul(y, dy);
        return [tf.sub(weighted, tf.mul(y, tf.sum(weighted, -1, true)))];
      },
    };
  });
