/** A program that runs op by op. */
import { tf } from '../tensorflow/tf.ts';
import type { Program, ProgramOptions } from './program.ts';
import { checkInput, readVariables, toArray, toTensor, writeVariables } from './values.ts';

/** Run each function as tf.js does, one op after the other. */
export function eagerProgram({ variables, functions, precision }: ProgramOptions): Program {
  return {
    compiled: false,
    notes: precision === 'bf16' ? ['a step that runs op by op runs in fp32, not in bf16'] : [],
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
