/** AdamW (Loshchilov and Hutter 2019), in PyTorch's arithmetic. */
import { tf } from '../tensorflow/tf.ts';
import { zeroSlots } from './slots.ts';
import type { Parameter, UpdateRule } from './update-rule.ts';

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
      const scaledEpsilon = tf.mul(root, epsilon);
      const keep = tf.sub(1, tf.mul(learningRate, weightDecay));
      return ({ name, variable, decays }, gradient) => {
        const [m, v] = [first.of(name), second.of(name)];
        if (decays && weightDecay > 0) variable.assign(tf.mul(variable, keep));
        m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
        v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
        variable.assign(tf.sub(variable, tf.div(tf.mul(m, rate), tf.add(tf.sqrt(v), scaledEpsilon))));
      };
    },
  };
}
