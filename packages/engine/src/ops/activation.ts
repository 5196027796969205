/** Activations, each with its own gradient. */
import { fused } from '../graph/fuse.ts';
import { float32, op } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { withGradient } from './gradient.ts';
import { rowsOf } from './linear.ts';

/** max(x, 0). Never fused: oneDNN's kernels are faster, and TensorFlow joins the op to a batch norm before it. */
export const relu = (x: tf.Tensor): tf.Tensor =>
  withGradient(
    { x },
    ({ x }) => {
      const y = op('Relu', { T: float32 }, [x]);
      return { value: y, saved: { y } };
    },
    (dy, { y }) => ({ x: op('ReluGrad', { T: float32 }, [dy, y]) }),
  );

/** An elementwise function and its derivative, each one fused op. */
const smooth =
  (name: string, f: (x: tf.Tensor) => tf.Tensor, derivative: (x: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor): tf.Tensor =>
    tf.reshape(
      withGradient(
        { x: rowsOf(x) },
        (inputs) => ({ value: fused(name, inputs, ({ x }) => ({ y: f(x) })).y, saved: inputs }),
        (dy, { x }) => fused(`${name}_gradient`, { dy, x }, ({ dy, x }) => ({ x: tf.mul(dy, derivative(x)) })),
      ),
      x.shape,
    );

// Written with Sub: TensorFlow's optimiser turns nested additions into AddN, which fuses worse.
const plus = (x: tf.Tensor, number: number) => tf.sub(x, -number);

/** Φ(x), the normal distribution function. */
const distribution = (x: tf.Tensor) => plus(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
/** φ(x), the normal density. */
const density = (x: tf.Tensor) => tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

/** x · Φ(x), exact (Hendrycks and Gimpel 2016), as torch.nn.GELU(). */
export const gelu = smooth(
  'gelu',
  (x) => tf.mul(x, distribution(x)),
  (x) => tf.sub(distribution(x), tf.mul(x, tf.neg(density(x)))),
);

const gate = (x: tf.Tensor) => tf.sigmoid(tf.mul(x, 1.702));

/** x · σ(1.702 x), CLIP's approximation. */
export const quickGelu = smooth(
  'quick_gelu',
  (x) => tf.mul(x, gate(x)),
  (x) => tf.mul(gate(x), plus(tf.mul(tf.mul(x, 1.702), tf.sub(1, gate(x))), 1)),
);

/** Softmax over the last axis. */
export const softmax = (x: tf.Tensor): tf.Tensor =>
  withGradient(
    { x },
    ({ x }) => {
      const y = op('Softmax', { T: float32 }, [x]);
      return { value: y, saved: { y } };
    },
    (dy, { y }) => {
      const weighted = tf.mul(y, dy);
      return { x: tf.sub(weighted, tf.mul(y, tf.sum(weighted, -1, true))) };
    },
  );
