/** Optimisers by name, with parameter groups, clipping and the average of the weights. */
import type { Optimizer as Settings } from '@ablate/contracts';
import { float32, op } from '../tensorflow/op.ts';
import { tf } from '../tensorflow/tf.ts';
import { adamw } from './adamw.ts';
import { type Average, movingAverage } from './average.ts';
import { sgd } from './sgd.ts';
import type { Parameter, UpdateRule } from './update-rule.ts';

export type OptimizerOptions = {
  /** Which parameters decay; by default those of two or more axes. */
  decay?: (name: string, shape: number[]) => boolean;
  /** Largest global norm of the gradients; null turns clipping off. */
  clipNorm?: number | null;
  /** Decay of the moving average of the weights; null turns averaging off. */
  ema?: number | null;
  /** Variables without a gradient that are averaged with the parameters: batch norm's statistics. */
  buffers?: Map<string, tf.Variable>;
};

export type Optimizer = {
  /** Everything that an exact resume must restore, by name. */
  slots: Map<string, tf.Variable>;
  /** Update the parameters. `gradients` has a tensor for each parameter; `gradientNorm` is the global norm before clipping. */
  apply(gradients: Map<string, tf.Tensor>, learningRate: tf.Tensor): { gradientNorm: tf.Tensor };
  average: Average | null;
  dispose(): void;
};

function ruleOf(parameters: Parameter[], settings: Settings): UpdateRule {
  switch (settings.name) {
    case 'adamw':
      return adamw(parameters, settings);
    case 'sgd':
      return sgd(parameters, settings);
  }
}

/** sqrt(Σ g²) over all gradients together. */
const globalNorm = (gradients: tf.Tensor[]): tf.Tensor =>
  tf.sqrt(tf.mul(tf.addN(gradients.map((gradient) => op('L2Loss', { T: float32 }, [gradient]))), 2));

/** An optimiser over named parameters. It owns its slots; `dispose` frees them. */
export function createOptimizer(
  settings: Settings,
  parameters: Map<string, tf.Variable>,
  { decay = (_, shape) => shape.length > 1, clipNorm = null, ema = null, buffers = new Map() }: OptimizerOptions = {},
): Optimizer {
  const list = [...parameters].map(([name, variable]) => ({ name, variable, decays: decay(name, variable.shape) }));
  const rule = ruleOf(list, settings);
  const average = ema === null ? null : movingAverage(new Map([...parameters, ...buffers]), ema);
  const slots = new Map([...rule.slots, ...(average?.slots ?? [])]);
  return {
    slots,
    average,
    apply(gradients, learningRate) {
      const pairs = list.map((parameter) => {
        const gradient = gradients.get(parameter.name);
        if (!gradient) throw new Error(`parameter "${parameter.name}" has no gradient: the loss does not depend on it`);
        return { parameter, gradient };
      });
      const gradientNorm = globalNorm(pairs.map(({ gradient }) => gradient));
      const factor = clipNorm === null ? null : tf.minimum(tf.div(clipNorm, tf.add(gradientNorm, 1e-6)), 1);
      const update = rule.begin(learningRate);
      for (const { parameter, gradient } of pairs) update(parameter, factor ? tf.mul(gradient, factor) : gradient);
      average?.update();
      return { gradientNorm };
    },
    dispose: () => {
      for (const slot of slots.values()) slot.dispose();
    },
  };
}
