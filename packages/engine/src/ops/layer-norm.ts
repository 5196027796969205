/** Normalisation over the last axis: layer norm (Ba et al. 2016) and RMS norm (Zhang and Sennrich 2019). */
import { fused } from '../graph/fuse.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';
import { columnSum, rowsOf } from './linear.ts';

// XLA does not vectorise a sum over the last axis, but does one over the axis before a last one of 16.
const LANES = 16;

/** Mean of each row: (R, C) -> (R, 1). */
function rowMean(x: tf.Tensor): tf.Tensor {
  const [rows = 0, width = 0] = x.shape;
  if (width % LANES !== 0 || width === LANES) return tf.mean(x, -1, true);
  return tf.mean(tf.mean(tf.reshape(x, [rows, width / LANES, LANES]), 1), -1, true);
}

const centred = (x: tf.Tensor) => tf.sub(x, rowMean(x));
const scaleOf = (x: tf.Tensor, epsilon: number) => tf.rsqrt(tf.sub(rowMean(tf.square(x)), -epsilon));
/** The part of `d` that is orthogonal to a normalised row. */
const across = (d: tf.Tensor, normal: tf.Tensor) => tf.sub(d, tf.mul(normal, rowMean(tf.mul(d, normal))));

/** (…, C) with mean 0 and variance 1 over C, times gain (C), plus bias (C). */
export function layerNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor, epsilon = 1e-6): tf.Tensor {
  const y = withGradient(
    { rows: rowsOf(x), gain, bias },
    (inputs) => {
      const { value, mean, scale } = fused('layer_norm', inputs, ({ rows, gain, bias }) => {
        const mean = rowMean(rows);
        const shifted = tf.sub(rows, mean);
        const scale = scaleOf(shifted, epsilon);
        return { value: tf.add(tf.mul(tf.mul(shifted, scale), gain), bias), mean, scale };
      });
      return { value, saved: { rows: inputs.rows, mean, scale, gain: inputs.gain } };
    },
    (dy, saved) => {
      const { rows, products } = fused('layer_norm_gradient', { dy, ...saved }, ({ dy, rows, mean, scale, gain }) => {
        const normal = tf.mul(tf.sub(rows, mean), scale);
        return { rows: tf.mul(across(centred(tf.mul(dy, gain)), normal), scale), products: tf.mul(dy, normal) };
      });
      return { rows, gain: columnSum(products), bias: columnSum(dy) };
    },
  );
  return tf.reshape(y, x.shape);
}

/** (…, C) divided by its root mean square over C. */
function rootMeanSquareNorm(x: tf.Tensor, epsilon: number): tf.Tensor {
  const y = withGradient(
    { rows: rowsOf(x) },
    (inputs) => {
      const { normal, scale } = fused('rms_norm', inputs, ({ rows }) => {
        const scale = scaleOf(rows, epsilon);
        return { normal: tf.mul(rows, scale), scale };
      });
      return { value: normal, saved: { normal, scale } };
    },
    (dy, saved) =>
      fused('rms_norm_gradient', { dy, ...saved }, ({ dy, normal, scale }) => ({
        rows: tf.mul(across(dy, normal), scale),
      })),
  );
  return tf.reshape(y, x.shape);
}

/** (…, C) divided by its root mean square over C, times gain (C) if there is one. */
export function rmsNorm(x: tf.Tensor, gain: tf.Tensor | null, epsilon = 1e-5): tf.Tensor {
  const normal = rootMeanSquareNorm(x, epsilon);
  return gain ? scaleColumns(normal, gain) : normal;
}

/** (…, C) · (C). */
const scaleColumns = (x: tf.Tensor, gain: tf.Tensor): tf.Tensor =>
  withGradient(
    { x, gain },
    (inputs) => ({ value: tf.mul(inputs.x, inputs.gain), saved: inputs }),
    (dy, { x, gain }) => ({ x: tf.mul(dy, gain), gain: columnSum(rowsOf(tf.mul(dy, x))) }),
  );
