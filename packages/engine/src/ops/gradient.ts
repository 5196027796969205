/** An op with a gradient of our own, without tf.js's loose typing of customGrad. */
import { tf } from '../tensorflow/tf.ts';

export type WithGradient = {
  value: tf.Tensor;
  /** What the gradient reads again. */
  saved: tf.Tensor[];
  /** From the gradient of the value to the gradients of the inputs, in their order. */
  gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[];
};

/** Evaluate `forward` so that the tape takes its gradient, and none of the ops inside. */
export function withGradient(inputs: tf.Tensor[], forward: () => WithGradient): tf.Tensor {
  const f = tf.customGrad((...given) => {
    const { value, saved, gradient } = forward();
    const save = given.at(-1);
    if (typeof save === 'function') save(saved);
    return { value, gradFunc: gradient };
  });
  return f(...inputs);
}

/** Element `index` of a list that is known to have it. */
export function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`nothing at position ${index} of ${list.length}`);
  return value;
}
