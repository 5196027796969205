/** A program: functions over shared variables, such as one training step and one evaluation step. */
import type { TypedArray } from '../tensorflow/backend.ts';
import type { tf } from '../tensorflow/tf.ts';
import type { InputValue, VariableValue } from './values.ts';

/** Written in plain tf.js and the engine's ops; may assign the program's variables; returns tensors by name. */
export type StepFunction = (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

export type ProgramOptions = {
  /** Every variable that the functions read or assign, by the name that checkpoints use. */
  variables: Map<string, tf.Variable>;
  functions: Record<string, StepFunction>;
  precision: 'fp32' | 'bf16';
  /** false runs every op on its own, as tf.js does. */
  compiled?: boolean;
};

export type Program = {
  /** Run a function once. Inputs are checked; outputs are copies. */
  run(name: string, inputs: Record<string, InputValue>): Record<string, TypedArray>;
  /** The values of all variables, copied. */
  read(): Map<string, VariableValue>;
  /** Replace the variables that are named; the others stay. Throws before anything changes if a name or shape does not fit. */
  write(values: Map<string, VariableValue>): void;
  /** Whether the functions run as graphs. False once an op had to be run eagerly. */
  readonly compiled: boolean;
  /** Whatever was not done as asked, in sentences. */
  readonly notes: string[];
  /** End what the program holds: sessions and copies. The variables stay with their owner. */
  dispose(): void;
};
