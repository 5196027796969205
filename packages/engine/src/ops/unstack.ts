/** Taking a tensor apart along one axis. */
import { tf } from '../tensorflow/tf.ts';

/** The slices of `x` along `axis`, each without it: one op forward, one back. */
export const unstack = (x: tf.Tensor, axis = 0): tf.Tensor[] => tf.unstack(x, axis);
