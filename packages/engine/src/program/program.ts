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
  /**
   * Names the functions and the shapes of the variables: a program opened under the name of the one that was closed before it goes on
   * with that one's recorded graphs. Without it, graphs end with the program.
   */
  shared?: string;
};

export type Program = {
  /** Run a function once. Inputs are checked; outputs are copies. */
  run(name: string, inputs: Record<string, InputValue>): Record<string, TypedArray>;
  /** The values of all variables, copied. */
  read(): Map<string, VariableValue>;
  /** Replace the named variables. Throws, and changes nothing, if a name or shape does not match. */
  write(values: Map<string, VariableValue>): void;
  /** Whether the functions run as graphs; false once one could not be recorded. */
  readonly compiled: boolean;
  /** What did not run as requested, in sentences. */
  readonly notes: string[];
  /** Close the sessions, or keep them for the next program of the same name. The variables belong to the caller. */
  dispose(): void;
};
