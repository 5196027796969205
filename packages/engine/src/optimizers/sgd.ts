/** Stochastic gradient descent with momentum, in PyTorch's sense: weight decay is added to the gradient, the rate multiplies last. */
import { tf } from '../tensorflow/tf.ts';
import { applyDescent, applyMomentum } from './in-place.ts';
import { type Parameter, type UpdateRule, zeroSlots } from './update-rule.ts';

type Settings = { weightDecay: number; momentum: number; nesterov: boolean };

/** g <- g + wd·w; b <- μ·b + g; w <- w - lr·(nesterov ? g + μ·b : b). */
export function sgd(parameters: Parameter[], { weightDecay, momentum, nesterov }: Settings): UpdateRule {
  const velocity = momentum > 0 ? zeroSlots('sgd.momentum', parameters) : null;
  return {
    slots: new Map(velocity?.byName ?? []),
    begin: (learningRate) => (parameter, raw) => {
      const { name, variable, decays } = parameter;
      const gradient = decays && weightDecay > 0 ? tf.add(raw, tf.mul(variable, weightDecay)) : raw;
      if (velocity)
        applyMomentum({ variable, velocity: velocity.of(name) }, gradient, { rate: learningRate, momentum, nesterov });
      else applyDescent(variable, gradient, learningRate);
    },
  };
}
