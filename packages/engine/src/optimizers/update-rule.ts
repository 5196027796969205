/** An optimiser's update rule: its state, and how one step updates one parameter. */
import { tf } from '../tensorflow/tf.ts';

/** A parameter; `decays` is whether weight decay applies to it. */
export type Parameter = { name: string; variable: tf.Variable; decays: boolean };

export type UpdateRule = {
  /** State to save, by a name that is unique within the optimiser. */
  slots: Map<string, tf.Variable>;
  /** Called once per step, before any update; returns the update of one parameter. `learningRate` is a float32 scalar. */
  begin(learningRate: tf.Tensor): (parameter: Parameter, gradient: tf.Tensor) => void;
};

/** Variables that an optimiser keeps beside each parameter. */
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
      if (!variable) throw new Error(`${kind} has no slot for parameter "${parameter}"`);
      return variable;
    },
  };
}
