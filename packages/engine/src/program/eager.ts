/** A program that runs op by op. */
import type { TypedArray } from '../tensorflow/backend.ts';
import { tf } from '../tensorflow/tf.ts';
import type { Program, ProgramOptions } from './program.ts';
import { checkInput, checkVariableValue, toArray, toTensor, type VariableValue } from './values.ts';

/** Run each function as tf.js would, one op after the other. */
export function eagerProgram({ variables, functions, precision }: ProgramOptions): Program {
  return {
    compiled: false,
    notes: precision === 'bf16' ? ['what runs op by op runs in fp32, not in bf16'] : [],
    run(name, inputs) {
      const step = functions[name];
      if (!step) throw new Error(`the program has no function "${name}", only ${Object.keys(functions).join(', ')}`);
      for (const [key, value] of Object.entries(inputs)) checkInput(key, value);
      return tf.tidy(() => {
        const outputs = step(Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, toTensor(value)])));
        return Object.fromEntries(Object.entries(outputs).map(([key, tensor]) => [key, toArray(key, tensor)]));
      });
    },
    read: () => readVariables(variables),
    write: (values) => writeVariables(variables, values),
    dispose() {},
  };
}

/** Copies of the variables' values. */
export function readVariables(variables: Map<string, tf.Variable>): Map<string, VariableValue> {
  return new Map(
    [...variables].map(([name, variable]) => {
      const data: TypedArray = variable.dataSync<'float32'>();
      return [name, { dtype: variable.dtype === 'int32' ? 'I32' : 'F32', shape: variable.shape, data: data.slice() }];
    }),
  );
}

/** Assign values to variables by name, all or none. */
export function writeVariables(variables: Map<string, tf.Variable>, values: Map<string, VariableValue>): void {
  const pairs = [...values].map(([name, value]) => {
    const variable = variables.get(name);
    if (!variable) throw new Error(`the program has no variable "${name}"`);
    checkVariableValue(name, variable, value);
    return { variable, value };
  });
  for (const { variable, value } of pairs)
    tf.tidy(() =>
      variable.assign(tf.tensor(value.data.slice(), value.shape, value.dtype === 'I32' ? 'int32' : 'float32')),
    );
}
