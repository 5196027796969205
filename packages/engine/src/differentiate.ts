/** Gradients of a loss by the names of its parameters, with what else the forward pass computed. */
import { tf } from './tensorflow/tf.ts';

export type Forward = { loss: tf.Tensor; outputs: Record<string, tf.Tensor> };
export type Differentiated = Forward & { gradients: Map<string, tf.Tensor> };

/**
 * Run `forward`, whose loss is a scalar, and return its gradient for every parameter.
 * Throws, naming the parameter, where the loss does not depend on one. Call it inside a tidy or a program's function.
 */
export function differentiate(parameters: Map<string, tf.Variable>, forward: () => Forward): Differentiated {
  const kept: Record<string, tf.Tensor> = {};
  const lossOf = (): tf.Scalar => {
    const { loss, outputs } = forward();
    for (const [name, tensor] of Object.entries(outputs)) kept[name] = tf.keep(tf.clone(tensor));
    return tf.reshape(loss, []);
  };
  const { value: loss, grads } = tf.variableGrads(lossOf, [...parameters.values()]);
  const outputs: Record<string, tf.Tensor> = {};
  for (const [name, tensor] of Object.entries(kept)) {
    outputs[name] = tf.clone(tensor);
    tensor.dispose();
  }
  const gradients = new Map(
    [...parameters].map(([name, variable]) => {
      const gradient = grads[variable.name];
      if (!gradient) throw new Error(`the loss does not depend on parameter "${name}"`);
      return [name, gradient];
    }),
  );
  return { loss, outputs, gradients };
}
