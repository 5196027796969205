/** From a config to a network: parameters with their initial values, and the forward pass over them. */
import { countedRandom, type Model, randomKey } from '@ablate/contracts';
import * as ops from '@ablate/engine';
import { tf } from '@ablate/engine';
import { architecture } from './describe.ts';
import type { ForwardContext } from './ops.ts';
import { type Declaration, openScope } from './scope.ts';

export type Network = {
  config: Model;
  /** Trained values by the reference's name. */
  parameters: Map<string, tf.Variable>;
  /** Running statistics and fixed tables by the reference's name. */
  buffers: Map<string, tf.Variable>;
  /** Images (B, S, S, 3), float32, to logits (B, classes). Call it inside a tidy. */
  forward: (images: tf.Tensor, context: ForwardContext) => tf.Tensor;
  /** Frees every variable. */
  dispose: () => void;
};

const product = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

/** Initial values depend on the seed and the parameter's name alone: the order in which models are built changes nothing. */
export function initialValues(name: string, { shape, initial }: Declaration, seed: number): Float32Array {
  const values = new Float32Array(product(shape));
  initial(values, countedRandom(randomKey(seed, `initial value of ${name}`)));
  return values;
}

/** Build a network. The config must have passed `modelComplaints`. The network owns its variables until `dispose`. */
export function buildModel(config: Model, { seed }: { seed: number }): Network {
  const { scope, declared, bind } = openScope();
  const forward = architecture(scope, config);
  const parameters = new Map<string, tf.Variable>();
  const buffers = new Map<string, tf.Variable>();
  for (const [name, declaration] of declared) {
    const { shape, trainable } = declaration;
    const variable = tf.tidy(() =>
      tf.variable(tf.tensor(initialValues(name, declaration, seed), shape, 'float32'), trainable),
    );
    bind(name, variable);
    (trainable ? parameters : buffers).set(name, variable);
  }
  return {
    config,
    parameters,
    buffers,
    forward: (images, context) => forward(images, { ...context, ops }),
    dispose: () => {
      for (const variable of [...parameters.values(), ...buffers.values()]) variable.dispose();
    },
  };
}
