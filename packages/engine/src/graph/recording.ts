/**
 * Records what a step asks of TensorFlow instead of doing it: while a recording is on, the backend's binding writes nodes,
 * and hands tf.js tensors that have a shape, a type and no data.
 */
import { Buffer } from 'node:buffer';
import {
  ATTRIBUTE,
  type Binding,
  backend,
  DT,
  type Dtype,
  isDtype,
  type NativeAttribute,
  type TensorHandle,
  type TypedArray,
} from '../tensorflow/backend.ts';
import type { tf } from '../tensorflow/tf.ts';
import { askTensorflow } from './ask-tensorflow.ts';
import { type AttributeProto, type GraphFunction, type GraphNode, shapeProto } from './node.ts';
import { attributesOf, type Known, NoRule, type Result, SHAPE_RULES } from './shape-rules.ts';

/** An op or a type that cannot become part of a graph; the step can still run eagerly. */
export class CannotRecord extends Error {
  override name = 'CannotRecord';
}

/** A tensor's data were asked for while recording: the answer would be frozen into the graph. */
export class ReadWhileRecording extends Error {
  override name = 'ReadWhileRecording';
}

/** A tensor of the recording: where its data will come from, and what is known of it. */
type Recorded = Known & { source: string; op: string };

/** A variable of the recording: its handle's node, and the effects on it so far. */
type Held = {
  handle: string;
  dtype: number;
  shape: number[];
  /** The read that is valid now, every read since the last change, and the node that made that change. */
  read: string;
  reads: string[];
  changedBy: string | null;
};

/** Random ops that draw from a state outside of the step, and ops whose results' shapes depend on data. */
const REFUSED = new Map<string, string>([
  ...[
    'RandomUniform',
    'RandomUniformInt',
    'RandomStandardNormal',
    'TruncatedNormal',
    'Multinomial',
    'RandomShuffle',
  ].map((op): [string, string] => [
    op,
    'draws from a global generator: use randomUniform of the engine, which counts from the seed',
  ]),
  ...['Where', 'Unique', 'NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5', 'Bincount'].map(
    (op): [string, string] => [op, 'returns a shape that depends on the data'],
  ),
]);

const BYTES = new Map<number, number>([
  [DT.float32, 4],
  [DT.int32, 4],
  [DT.int64, 8],
  [DT.bool, 1],
]);
const SHARED_CONSTANT_BYTES = 1024;
const FILL_FROM = 256;

const after = (node: string | null) => (node === null ? [] : [`^${node}`]);
const bytesOf = (values: TypedArray) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
const isUniform = (values: TypedArray) => values.every((value) => Object.is(value, values[0]));

export type Recording = {
  nodes: GraphNode[];
  functions: Map<string, GraphFunction>;
  binding: Binding;
  /** A tensor that the program is given at every run, from the node `name`. */
  input(name: string, shape: number[], dtype: Dtype): tf.Tensor;
  /** A tensor like `tensor` that a fused function is called with. */
  argument(name: string, tensor: tf.Tensor): tf.Tensor;
  /** Let a variable stand for the one behind the node `handle`; give it its old value back after the recording. */
  hold(variable: tf.Variable, handle: string): void;
  /** Append a node that only graphs know; `results` says what it returns. */
  emit(op: string, attributes: Record<string, AttributeProto>, inputs: tf.Tensor[], results: Result[]): tf.Tensor[];
  /** Append an op that changes variables in place, after all that read them so far. */
  update(op: string, attributes: Record<string, AttributeProto>, variables: tf.Variable[], inputs: tf.Tensor[]): void;
  /** Where a tensor's data come from in the graph, and what is known of them. */
  source(tensor: tf.Tensor): string;
  known(tensor: tf.Tensor): Result;
  /** Write what was assigned to a variable; returns the last node that changed it, or null if none did. */
  settle(variable: tf.Variable): string | null;
};

// The add-on itself, whatever recording stands before it.
const realBinding = backend.binding;

let current: Recording | null = null;

/** The recording that is on, or null while ops run eagerly. */
export const currentRecording = (): Recording | null => current;

/** Run `f` while `recording` takes every op. */
export function within<T>(recording: Recording, f: () => T): T {
  const { binding } = backend;
  const before = current;
  current = recording;
  backend.binding = recording.binding;
  try {
    return f();
  } finally {
    backend.binding = binding;
    current = before;
  }
}

const protoOf = ({ type, value }: NativeAttribute, op: string): AttributeProto => {
  const list = Array.isArray(value);
  if (type === ATTRIBUTE.type && typeof value === 'number') return { type: value };
  if (type === ATTRIBUTE.int) return list ? { list: { i: value } } : { i: Number(value) };
  if (type === ATTRIBUTE.float) return list ? { list: { f: value } } : { f: Number(value) };
  if (type === ATTRIBUTE.bool) return list ? { list: { b: value } } : { b: value === true || value === 1 };
  if (type === ATTRIBUTE.string && typeof value === 'string') return { s: Buffer.from(value) };
  if (type === ATTRIBUTE.shape && list) return { shape: shapeProto(value) };
  throw new CannotRecord(`op "${op}" has an attribute that cannot be recorded`);
};

/** A new, empty recording over a backend. */
export function createRecording(): Recording {
  const real = realBinding;
  const nodes: GraphNode[] = [];
  const functions = new Map<string, GraphFunction>();
  const known = new Map<number, Recorded>();
  // Constants that the step makes become nodes when an op first reads them: the order does not depend on who uploads first.
  const made = new Map<number, Required<Known>>();
  const shared = new Map<string, string>();
  // What a reshaped tensor was before: reshaping it again starts from there.
  const reshaped = new Map<string, Recorded>();
  const held = new Map<tf.Variable, Held>();
  let nextId = -2;

  const write = (
    op: string,
    input: string[],
    attr: Record<string, AttributeProto>,
    name = `n${nodes.length}_${op}`,
  ) => {
    nodes.push({ name, op, input, attr });
    return name;
  };
  const hold = (recorded: Recorded): TensorHandle => {
    const id = nextId--;
    known.set(id, recorded);
    return { id, shape: recorded.shape, dtype: recorded.dtype };
  };

  function constant(shape: number[], dtype: number, values: TypedArray): string {
    if (values.length >= FILL_FROM && isUniform(values)) {
      const dims = constant([shape.length], DT.int32, Int32Array.from(shape));
      const value = constant([], dtype, values.slice(0, 1));
      return write('Fill', [dims, value], { T: { type: dtype }, index_type: { type: DT.int32 } });
    }
    const content = bytesOf(values);
    const key = content.length <= SHARED_CONSTANT_BYTES ? `${dtype}[${shape}]${content.toString('latin1')}` : null;
    const before = key === null ? undefined : shared.get(key);
    if (before) return before;
    const name = write('Const', [], {
      dtype: { type: dtype },
      value: { tensor: { dtype, tensor_shape: shapeProto(shape), tensor_content: Uint8Array.from(content) } },
    });
    if (key !== null) shared.set(key, name);
    return name;
  }

  /** A tensor that was there before the recording: its data become a constant. */
  function capture(id: number, op: string): Recorded {
    const [copy] = real.executeOp('Identity', [], [id], 1);
    if (!copy) throw new CannotRecord(`op "${op}" reads a tensor that cannot be captured`);
    try {
      if (!BYTES.has(copy.dtype))
        throw new CannotRecord(`op "${op}" reads a captured tensor of TensorFlow's type ${copy.dtype}`);
      const values = real.tensorDataSync(copy.id);
      const { shape, dtype } = copy;
      return { source: constant(shape, dtype, values), op: 'Const', shape, dtype, constant: values };
    } finally {
      real.deleteTensor(copy.id);
    }
  }

  function lookUp(id: number, op: string): Recorded {
    const found = known.get(id);
    if (found) return found;
    const own = made.get(id);
    if (own) {
      const recorded = { ...own, source: constant(own.shape, own.dtype, own.constant), op: 'Const' };
      known.set(id, recorded);
      return recorded;
    }
    if (id < 0)
      throw new Error(`op "${op}" reads a tensor of another recording, or a variable that its program does not know`);
    const captured = capture(id, op);
    known.set(id, captured);
    return captured;
  }

  function resultsOf(name: string, attributes: NativeAttribute[], inputs: Recorded[], outputs: number): Result[] {
    const rule = SHAPE_RULES.get(name);
    try {
      if (rule) return rule(inputs, attributesOf(attributes), outputs);
    } catch (error) {
      if (!(error instanceof NoRule)) throw error;
    }
    return askTensorflow(real, name, attributes, inputs, outputs);
  }

  const own: Partial<Binding> = {
    createTensor(shape: number[], dtype: number, values: TypedArray): number {
      if (!BYTES.has(dtype)) throw new CannotRecord(`a constant of TensorFlow's type ${dtype} cannot be recorded`);
      // The tensor may outlive the recording: it gets its data as it would without one.
      const id = real.createTensor(shape, dtype, values);
      made.set(id, { shape, dtype, constant: values.slice() });
      return id;
    },
    deleteTensor(id: number): void {
      if (id >= 0) real.deleteTensor(id);
    },
    tensorDataSync(id: number): TypedArray {
      const own = made.get(id);
      if (own) return own.constant.slice();
      const recorded = known.get(id);
      const what = recorded
        ? `the output of op "${recorded.op}" of shape [${recorded.shape}]`
        : 'a tensor from outside';
      throw new ReadWhileRecording(
        `the step reads ${what} while it is recorded: its value would be frozen into the graph. Return it from the step instead`,
      );
    },
    executeOp(name: string, attributes: NativeAttribute[], ids: number[], outputs: number): TensorHandle[] {
      const why = REFUSED.get(name);
      if (why) throw new CannotRecord(`op "${name}" ${why}`);
      const given = ids.map((id) => lookUp(id, name));
      const results = resultsOf(name, attributes, given, outputs);
      const [whole = null, ...others] = given;
      const [shaped] = results;
      const before = name === 'Reshape' && whole && (reshaped.get(whole.source) ?? whole);
      if (before && shaped && before.shape.join() === shaped.shape.join()) return [hold({ ...before })];
      if (name === 'Cast' && whole && whole.dtype === shaped?.dtype) return [hold({ ...whole })];
      const inputs = before ? [before, ...others] : given;
      const attr = Object.fromEntries(attributes.map((attribute) => [attribute.name, protoOf(attribute, name)]));
      const node = write(
        name,
        inputs.map(({ source }) => source),
        attr,
      );
      if (before) reshaped.set(node, before);
      return results.map((result, index) =>
        hold({ ...result, op: name, source: index === 0 ? node : `${node}:${index}` }),
      );
    },
    loadSavedModel(): never {
      throw new Error('a graph cannot be loaded while a step is recorded');
    },
    runSavedModel(): never {
      throw new Error('a program cannot run inside of a step');
    },
  };
  // The add-on's properties are read-only: shadow them.
  const binding: Binding = Object.create(real, Object.getOwnPropertyDescriptors(own));

  const recorded = (tensor: tf.Tensor): Recorded => {
    const [id] = backend.getInputTensorIds([tensor]);
    if (id === undefined) throw new Error('a tensor without an id');
    return lookUp(id, 'output');
  };
  const source = (tensor: tf.Tensor): string => recorded(tensor).source;

  const owned = (variable: tf.Variable): Held => {
    const found = held.get(variable);
    if (!found) throw new Error(`variable "${variable.name}" is changed by the step, but the program does not list it`);
    return found;
  };

  function read(variable: tf.Variable, own: Held): void {
    own.read = write('ReadVariableOp', [own.handle, ...after(own.changedBy)], { dtype: { type: own.dtype } });
    own.reads.push(own.read);
    const handle = hold({ source: own.read, op: 'ReadVariableOp', shape: own.shape, dtype: own.dtype });
    variable.assign(backend.createOutputTensor(handle));
  }

  function changed(own: Held, node: string): void {
    own.changedBy = node;
    own.reads = [];
  }

  /** Make the variable in the graph equal to what was assigned in tf.js. */
  function flush(variable: tf.Variable, own: Held): void {
    const value = source(variable);
    if (value === own.read) return;
    const order = [...own.reads.map((name) => `^${name}`), ...after(own.changedBy)];
    changed(own, write('AssignVariableOp', [own.handle, value, ...order], { dtype: { type: own.dtype } }));
    own.read = value;
  }

  const emit: Recording['emit'] = (op, attributes, inputs, results) => {
    const name = write(op, inputs.map(source), attributes);
    return results.map((result, index) =>
      backend.createOutputTensor(hold({ ...result, op, source: index === 0 ? name : `${name}:${index}` })),
    );
  };

  const input: Recording['input'] = (name, shape, dtype) => {
    write('Placeholder', [], { dtype: { type: DT[dtype] }, shape: { shape: shapeProto(shape) } }, name);
    return backend.createOutputTensor(hold({ source: name, op: `input ${name}`, shape, dtype: DT[dtype] }));
  };

  return {
    nodes,
    functions,
    binding,
    source,
    known: (tensor) => {
      const { shape, dtype } = recorded(tensor);
      return { shape, dtype };
    },
    emit,
    argument(name, { shape, dtype }) {
      if (!isDtype(dtype)) throw new CannotRecord(`a tensor of type ${dtype} cannot be fused`);
      return input(name, shape, dtype);
    },
    input,
    hold(variable, handle) {
      const dtype = variable.dtype === 'int32' ? DT.int32 : DT.float32;
      const own: Held = { handle, dtype, shape: variable.shape, read: '', reads: [], changedBy: null };
      held.set(variable, own);
      read(variable, own);
    },
    update(op, attributes, variables, inputs) {
      const owners = variables.map((variable) => ({ variable, own: owned(variable) }));
      for (const { variable, own } of owners) flush(variable, own);
      const order = new Set(
        owners.flatMap(({ own }) => [...own.reads.map((name) => `^${name}`), ...after(own.changedBy)]),
      );
      const name = write(op, [...owners.map(({ own }) => own.handle), ...inputs.map(source), ...order], attributes);
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
