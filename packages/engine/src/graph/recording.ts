/**
 * Records the ops of a step instead of running them: while a recording is active, the backend's binding writes graph nodes
 * and returns tensors that have a shape and a type, but no data.
 */
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
import { CannotRecord, REFUSED_OPS, ReadWhileRecording } from './cannot-record.ts';
import { canBeConstant, constantWriter } from './constants.ts';
import { type HeldVariables, heldVariables } from './held-variables.ts';
import { type AttributeProto, type GraphFunction, type GraphNode, shapeProto } from './node.ts';
import { attributesOf, type Known, NoRule, type Result, SHAPE_RULES } from './shape-rules.ts';

/** A tensor of the recording: the graph output that will hold its data, and what is known about it. */
type Recorded = Known & { source: string; op: string };

export type Recording = HeldVariables & {
  nodes: GraphNode[];
  functions: Map<string, GraphFunction>;
  binding: Binding;
  /** An input of the program, fed at every run through the placeholder `name`. */
  input(name: string, shape: number[], dtype: Dtype): tf.Tensor;
  /** An argument of a fused function, with the shape and type of `tensor`. */
  argument(name: string, tensor: tf.Tensor): tf.Tensor;
  /** Append a node that has no eager counterpart; `results` are the shapes and types of its outputs. */
  emit(op: string, attributes: Record<string, AttributeProto>, inputs: tf.Tensor[], results: Result[]): tf.Tensor[];
  /** The graph output that holds a tensor's data. */
  source(tensor: tf.Tensor): string;
  /** A tensor's shape and type. */
  known(tensor: tf.Tensor): Result;
};

// The add-on itself: a recording replaces backend.binding.
const real = backend.binding;

let current: Recording | null = null;

/** The active recording, or null while ops run eagerly. */
export const currentRecording = (): Recording | null => current;

/** Run `f` with `recording` active. */
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

function protoOf({ type, value }: NativeAttribute, op: string): AttributeProto {
  const list = Array.isArray(value);
  if (type === ATTRIBUTE.type && typeof value === 'number') return { type: value };
  if (type === ATTRIBUTE.int) return list ? { list: { i: value } } : { i: Number(value) };
  if (type === ATTRIBUTE.float) return list ? { list: { f: value } } : { f: Number(value) };
  if (type === ATTRIBUTE.bool) return list ? { list: { b: value } } : { b: value === true || value === 1 };
  if (type === ATTRIBUTE.string && typeof value === 'string') return { s: Buffer.from(value) };
  if (type === ATTRIBUTE.shape && list) return { shape: shapeProto(value) };
  throw new CannotRecord(`op "${op}" has an attribute that cannot be recorded`);
}

function resultsOf(op: string, attributes: NativeAttribute[], inputs: Recorded[], outputs: number): Result[] {
  const rule = SHAPE_RULES.get(op);
  try {
    if (rule) return rule(inputs, attributesOf(attributes), outputs);
  } catch (error) {
    if (!(error instanceof NoRule)) throw error;
  }
  return askTensorflow(real, op, attributes, inputs, outputs);
}

/** A new, empty recording. `foreign` names the variables, by handle, that the step must not use. */
export function createRecording(foreign: ReadonlyMap<number, string> = new Map()): Recording {
  const nodes: GraphNode[] = [];
  const known = new Map<number, Recorded>();
  // Constants that the step makes become nodes when an op first reads them, so that node order does not depend on upload order.
  const made = new Map<number, Required<Known>>();
  // The tensor before a reshape: a second reshape reads it directly.
  const reshaped = new Map<string, Recorded>();
  let nextId = -2;

  function write(op: string, input: string[], attr: Record<string, AttributeProto>, name?: string): string {
    const own = name ?? `n${nodes.length}_${op}`;
    nodes.push({ name: own, op, input, attr });
    return own;
  }
  const constant = constantWriter(write);

  function handleOf(recorded: Recorded): TensorHandle {
    const id = nextId--;
    known.set(id, recorded);
    return { id, shape: recorded.shape, dtype: recorded.dtype };
  }

  /** A tensor that existed before the recording: its data become a constant. */
  function capture(id: number, op: string): Recorded {
    const variable = foreign.get(id);
    if (variable) throw new Error(`op "${op}" reads variable "${variable}", which the program does not list`);
    const [copy] = real.executeOp('Identity', [], [id], 1);
    if (!copy) throw new CannotRecord(`op "${op}" reads a tensor that cannot be captured`);
    try {
      const { shape, dtype } = copy;
      if (!canBeConstant(dtype))
        throw new CannotRecord(`op "${op}" reads a captured tensor of TensorFlow's type ${dtype}`);
      const values = real.tensorDataSync(copy.id);
      return { source: constant(shape, dtype, values), op: 'Const', shape, dtype, constant: values };
    } finally {
      real.deleteTensor(copy.id);
    }
  }

  function lookUp(id: number, op: string): Recorded {
    const found = known.get(id);
    if (found) return found;
    if (id < 0) throw new Error(`op "${op}" reads a tensor of another recording, or one whose value a program holds`);
    const own = made.get(id);
    const recorded = own
      ? { ...own, source: constant(own.shape, own.dtype, own.constant), op: 'Const' }
      : capture(id, op);
    known.set(id, recorded);
    return recorded;
  }

  /** The input itself if the op would not change it: a cast to the same type, a reshape to the same shape. */
  function unchanged(op: string, whole: Recorded | undefined, result: Result | undefined): Recorded | null {
    if (!whole || !result || whole.dtype !== result.dtype || whole.shape.join() !== result.shape.join()) return null;
    return op === 'Cast' || op === 'Reshape' ? whole : null;
  }

  const shadow: Partial<Binding> = {
    createTensor(shape, dtype, values) {
      if (!canBeConstant(dtype)) throw new CannotRecord(`a constant of TensorFlow's type ${dtype} cannot be recorded`);
      // The tensor may outlive the recording, so TensorFlow gets its data as well.
      const id = real.createTensor(shape, dtype, values);
      made.set(id, { shape, dtype, constant: values.slice() });
      return id;
    },
    deleteTensor(id) {
      if (id >= 0) real.deleteTensor(id);
    },
    tensorDataSync(id): TypedArray {
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
    executeOp(op, attributes, ids, outputs) {
      const why = REFUSED_OPS.get(op);
      if (why) throw new CannotRecord(`op "${op}" ${why}`);
      const given = ids.map((id) => lookUp(id, op));
      const results = resultsOf(op, attributes, given, outputs);
      const [first, ...others] = given;
      const before = op === 'Reshape' && first ? (reshaped.get(first.source) ?? first) : first;
      const same = unchanged(op, before, results[0]);
      if (same) return [handleOf({ ...same })];
      const sources = (before ? [before, ...others] : []).map(({ source }) => source);
      const attr = Object.fromEntries(attributes.map((attribute) => [attribute.name, protoOf(attribute, op)]));
      const node = write(op, sources, attr);
      if (op === 'Reshape' && before) reshaped.set(node, before);
      return results.map((result, index) =>
        handleOf({ ...result, op, source: index === 0 ? node : `${node}:${index}` }),
      );
    },
    loadSavedModel() {
      throw new Error('a graph cannot be loaded while a step is recorded');
    },
    runSavedModel() {
      throw new Error('a program cannot run inside a step');
    },
  };

  const recorded = (tensor: tf.Tensor): Recorded => {
    const [id] = backend.getInputTensorIds([tensor]);
    if (id === undefined) throw new Error('the tensor has no id');
    return lookUp(id, 'output');
  };
  const source = (tensor: tf.Tensor): string => recorded(tensor).source;
  const tensor = (node: string, shape: number[], dtype: number, op = 'ReadVariableOp'): tf.Tensor =>
    backend.createOutputTensor(handleOf({ source: node, op, shape, dtype }));

  const input: Recording['input'] = (name, shape, dtype) => {
    write('Placeholder', [], { dtype: { type: DT[dtype] }, shape: { shape: shapeProto(shape) } }, name);
    return tensor(name, shape, DT[dtype], `input ${name}`);
  };

  return {
    ...heldVariables({ write, tensor, source }),
    nodes,
    functions: new Map(),
    // The add-on's properties are read-only: an object in front of it shadows them.
    binding: Object.create(real, Object.getOwnPropertyDescriptors(shadow)),
    source,
    known: (tensor) => {
      const { shape, dtype } = recorded(tensor);
      return { shape, dtype };
    },
    emit(op, attributes, inputs, results) {
      const name = write(op, inputs.map(source), attributes);
      return results.map(({ shape, dtype }, index) =>
        tensor(index === 0 ? name : `${name}:${index}`, shape, dtype, op),
      );
    },
    argument(name, { shape, dtype }) {
      if (!isDtype(dtype)) throw new CannotRecord(`a tensor of type ${dtype} cannot be fused`);
      return input(name, shape, dtype);
    },
    input,
  };
}
