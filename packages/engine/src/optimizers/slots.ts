/** Variables that an optimiser keeps beside each parameter. */
import { tf } from '../tensorflow/tf.ts';
import type { Parameter } from './update-rule.ts';

export type Slots = { byName: [string, tf.Variable][]; of: (parameter: string) => tf.Variable };

/** One variable of zeros for each parameter, named `<kind>/<parameter>`. */
export function zeroSlots(kind: string, parameters: Parameter[]): Slots {
  const variables = new Map(
    parameters.map(({ name, variable }) => [name, tf.tidy(() => tf.variable(tf.zeros(variable.shape), false))]),
  );
  return {
    byName: [...variables].map(([name, variable]) => [`${kind}/${name}`, variable]),
    of: (parameter) => {
      const variable = variables.get(parameter);
      if (!variable) throw new Error(`${kind} knows no parameter "${parameter}"`);
      return variable;
    },
  };
}
