/** An op with its own gradient. */
import { type Named, renamed } from '../tensorflow/named.ts';
import { tf } from '../tensorflow/tf.ts';

/**
 * Evaluate `forward` with `gradient` on the tape in place of the gradients of its ops.
 * `gradient` receives the gradient of the value and the tensors that `forward` saved, and returns one gradient for every input.
 */
export function withGradient<Input extends string, Saved extends string>(
  inputs: Named<Input>,
  forward: (inputs: Named<Input>) => { value: tf.Tensor; saved: Named<Saved> },
  gradient: (dy: tf.Tensor, saved: Named<Saved>) => Named<Input>,
): tf.Tensor {
  const names = Object.keys(inputs);
  const f = tf.customGrad((...given) => {
    const { value, saved } = forward(inputs);
    const save = given.at(-1);
    if (typeof save === 'function') save(Object.values(saved));
    const gradFunc = (dy: tf.Tensor, again: tf.Tensor[]): tf.Tensor[] => {
      const found = gradient(dy, renamed(saved, again));
      return names.map((name) => tensorOf(found, name));
    };
    return { value, gradFunc };
  });
  return f(...Object.values<tf.Tensor>(inputs));
}

function tensorOf(tensors: Record<string, tf.Tensor>, name: string): tf.Tensor {
  const found = tensors[name];
  if (!found) throw new Error(`missing gradient for input "${name}"`);
  return found;
}
