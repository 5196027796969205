/** Variables of a recording. A graph has no order of its own: control edges keep reads and writes in the step's order. */
import { DT } from '../tensorflow/backend.ts';
import type { tf } from '../tensorflow/tf.ts';
import type { WriteNode } from './constants.ts';
import type { AttributeProto } from './node.ts';

type Held = {
  handle: string;
  dtype: number;
  shape: number[];
  /** The current read, every read since the last write, and the node of that write. */
  read: string;
  reads: string[];
  changedBy: string | null;
};

export type HeldVariables = {
  /** Bind a variable to the node `handle`. The caller restores its value after the recording. */
  hold(variable: tf.Variable, handle: string): void;
  /** Append an op that changes variables in place, after every read so far. */
  update(op: string, attributes: Record<string, AttributeProto>, variables: tf.Variable[], inputs: tf.Tensor[]): void;
  /** Write the value that was assigned to a variable; returns the last node that changed it, or null. */
  settle(variable: tf.Variable): string | null;
};

type Recorder = {
  write: WriteNode;
  /** A tensor that a node reads from a variable. */
  tensor(node: string, shape: number[], dtype: number): tf.Tensor;
  source(tensor: tf.Tensor): string;
};

const after = (nodes: (string | null)[]): string[] => nodes.flatMap((node) => (node === null ? [] : [`^${node}`]));

export function heldVariables({ write, tensor, source }: Recorder): HeldVariables {
  const held = new Map<tf.Variable, Held>();

  const owned = (variable: tf.Variable): Held => {
    const found = held.get(variable);
    if (!found) throw new Error(`variable "${variable.name}" is changed by the step, but the program does not list it`);
    return found;
  };
  const everything = ({ reads, changedBy }: Held): string[] => after([...reads, changedBy]);

  function read(variable: tf.Variable, own: Held): void {
    own.read = write('ReadVariableOp', [own.handle, ...after([own.changedBy])], { dtype: { type: own.dtype } });
    own.reads.push(own.read);
    variable.assign(tensor(own.read, own.shape, own.dtype));
  }

  function changed(own: Held, node: string): void {
    own.changedBy = node;
    own.reads = [];
  }

  /** Write the tf.js variable's value to the graph's variable, if it changed. */
  function flush(variable: tf.Variable, own: Held): void {
    const value = source(variable);
    if (value === own.read) return;
    changed(own, write('AssignVariableOp', [own.handle, value, ...everything(own)], { dtype: { type: own.dtype } }));
    own.read = value;
  }

  return {
    hold(variable, handle) {
      const dtype = variable.dtype === 'int32' ? DT.int32 : DT.float32;
      const own: Held = { handle, dtype, shape: variable.shape, read: '', reads: [], changedBy: null };
      held.set(variable, own);
      read(variable, own);
    },
    update(op, attributes, variables, inputs) {
      const owners = variables.map((variable) => ({ variable, own: owned(variable) }));
      for (const { variable, own } of owners) flush(variable, own);
      const handles = owners.map(({ own }) => own.handle);
      const order = new Set(owners.flatMap(({ own }) => everything(own)));
      const name = write(op, [...handles, ...inputs.map(source), ...order], attributes);
      for (const { variable, own } of owners) {
        changed(own, name);
        read(variable, own);
      }
    },
    settle(variable) {
      const own = owned(variable);
      flush(variable, own);
      return own.changedBy;
    },
  };
}
