/** AdamW (Loshchilov and Hutter 2019), in PyTorch's arithmetic. */
import { tf } from '../tensorflow/tf.ts';
import { applyAdam } from './in-place.ts';
import { type Parameter, type UpdateRule, zeroSlots } from './update-rule.ts';

type Settings = { weightDecay: number; beta1: number; beta2: number; epsilon: number };

/** 1 - beta^t, precise also where beta^t is close to 1. */
const correction = (beta: number, step: tf.Tensor) => tf.neg(tf.expm1(tf.mul(step, Math.log(beta))));

/**
 * w <- w·(1 - lr·wd), then w <- w - lr·(m / (1 - β1^t)) / (sqrt(v / (1 - β2^t)) + ε),
 * with m and v the moving averages of the gradient and its square, and t counted from 1.
 */
export function adamw(parameters: Parameter[], { weightDecay, beta1, beta2, epsilon }: Settings): UpdateRule {
  const first = zeroSlots('adamw.m', parameters);
  const second = zeroSlots('adamw.v', parameters);
  const count = tf.tidy(() => tf.variable(tf.scalar(0), false));
  return {
    slots: new Map([['adamw.step', count], ...first.byName, ...second.byName]),
    begin(learningRate) {
      count.assign(tf.add(count, 1));
      const root = tf.sqrt(correction(beta2, count));
      const rate = tf.div(tf.mul(learningRate, root), correction(beta1, count));
      const step = { rate, beta1, beta2, epsilon: tf.mul(root, epsilon) };
      const keep = tf.sub(1, tf.mul(learningRate, weightDecay));
      return ({ name, variable, decays }, gradient) => {
        if (decays && weightDecay > 0) variable.assign(tf.mul(variable, keep));
        applyAdam({ variable, m: first.of(name), v: second.of(name) }, gradient, step);
      };
    },
  };
}
