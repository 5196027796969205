/** Turns a step into a graph whose variables live in its session. */
import { backend, DT, type Dtype, isDtype } from '../tensorflow/backend.ts';
import { scoped, tf } from '../tensorflow/tf.ts';
import { absorbSums } from './absorb.ts';
import { CannotRecord } from './cannot-record.ts';
import { type Graph, type GraphNode, prune, shapeProto } from './node.ts';
import { createRecording, type Recording, within } from './recording.ts';
import { encodeSavedModel } from './saved-model.ts';

export type InputSignature = Record<string, { shape: number[]; dtype: Dtype }>;
export type TracedStep = (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

/** A variable of a trace; its nodes are `<node>`, `<node>/init_value`, `<node>/init` and `<node>/value`. */
type TracedVariable = { name: string; node: string; assigned: boolean };

export type Trace = {
  graph: Graph;
  /** Node names of the inputs and outputs, by their own names. */
  inputs: Map<string, string>;
  outputs: Map<string, string>;
  /** The variables that the step reads or assigns. */
  variables: TracedVariable[];
};

/** The four nodes beside a variable's handle that set it from outside and read it. */
function access(variable: TracedVariable, shape: number[], dtype: number): GraphNode[] {
  const type = { dtype: { type: dtype } };
  const { node } = variable;
  return [
    {
      name: `${node}/init_value`,
      op: 'Placeholder',
      input: [],
      attr: { ...type, shape: { shape: shapeProto(shape) } },
    },
    { name: `${node}/assign`, op: 'AssignVariableOp', input: [node, `${node}/init_value`], attr: type },
    { name: `${node}/init`, op: 'Identity', input: ['done', `^${node}/assign`], attr: { T: { type: DT.int32 } } },
    { name: `${node}/value`, op: 'ReadVariableOp', input: [node], attr: type },
  ];
}

const done: GraphNode = {
  name: 'done',
  op: 'Const',
  input: [],
  attr: {
    dtype: { type: DT.int32 },
    value: { tensor: { dtype: DT.int32, tensor_shape: shapeProto([]), tensor_content: new Uint8Array(4) } },
  },
};

const dtypeOf = (variable: tf.Variable): number => (variable.dtype === 'int32' ? DT.int32 : DT.float32);

const handleNode = (name: string, variable: tf.Variable): GraphNode => ({
  name,
  op: 'VarHandleOp',
  input: [],
  attr: {
    dtype: { type: dtypeOf(variable) },
    shape: { shape: shapeProto(variable.shape) },
    shared_name: { s: Buffer.from(name) },
  },
});

/**
 * Run `f`, which assigns values of a recording to the listed variables, and restore every variable afterwards.
 * @throws Error naming a variable that `f` assigned though it is not listed.
 */
function lend<T>(listed: Set<tf.Variable>, f: () => T): T {
  const all = Object.values(tf.engine().registeredVariables);
  const own = all.map((variable) => ({ variable, value: tf.keep(tf.clone(variable)) }));
  try {
    const result = f();
    for (const { variable, value } of own)
      if (!listed.has(variable) && variable.dataId !== value.dataId)
        throw new Error(`the step assigns variable "${variable.name}", which the program does not list`);
    return result;
  } finally {
    for (const { variable, value } of own) {
      variable.assign(value);
      value.dispose();
    }
  }
}

function writeOutputs(
  recording: Recording,
  outputs: Record<string, tf.Tensor>,
  effects: string[],
): Map<string, string> {
  const names = new Map<string, string>();
  for (const [key, tensor] of Object.entries(outputs)) {
    if (!isDtype(tensor.dtype))
      throw new Error(`output "${key}" is of type ${tensor.dtype}: return float32, int32 or bool`);
    const order = names.size === 0 ? effects.map((effect) => `^${effect}`) : [];
    const name = `output/${names.size}`;
    recording.nodes.push({
      name,
      op: 'Identity',
      input: [recording.source(tensor), ...order],
      attr: { T: { type: DT[tensor.dtype] } },
    });
    names.set(key, name);
  }
  if (names.size === 0) throw new Error('a step must return at least one tensor');
  return names;
}

/** The variables of this process that are not listed, by the handle of their data. */
const unlisted = (listed: Set<tf.Variable>): Map<number, string> =>
  new Map(
    Object.values(tf.engine().registeredVariables)
      .filter((variable) => !listed.has(variable))
      .map((variable) => [backend.getInputTensorIds([variable])[0] ?? -1, variable.name]),
  );

/** Record `step` once for inputs of the given shapes. */
export function trace(variables: Map<string, tf.Variable>, step: TracedStep, signature: InputSignature): Trace {
  const listed = new Set(variables.values());
  const recording = createRecording(unlisted(listed));
  const list = [...variables].map(([name, variable], index) => ({ name, variable, node: `variable/${index}` }));
  const inputs = new Map(Object.keys(signature).map((name, index) => [name, `input/${index}`]));
  const record = () => {
    for (const { variable, node } of list) {
      recording.nodes.push(handleNode(node, variable));
      recording.hold(variable, node);
    }
    const given = Object.entries(signature).map(([name, { shape, dtype }]) => [
      name,
      recording.input(inputs.get(name) ?? name, shape, dtype),
    ]);
    const results = step(Object.fromEntries(given));
    const changes = list.map(({ variable }) => recording.settle(variable));
    const effects = changes.filter((change) => change !== null);
    return { outputs: writeOutputs(recording, results, effects), changes };
  };
  const { outputs, changes } = lend(listed, () => within(recording, () => scoped(record)));

  const ends = [...outputs.values(), ...inputs.values()];
  const recorded = { nodes: prune(recording.nodes, ends), functions: [...recording.functions.values()] };
  const { nodes: needed, functions } = absorbSums(recorded, ends);
  const names = new Set(needed.map(({ name }) => name));
  const used = list.flatMap(({ name, variable, node }, index) =>
    names.has(node) ? [{ name, node, assigned: changes[index] !== null, variable }] : [],
  );
  const nodes = [
    ...needed,
    done,
    ...used.flatMap((entry) => access(entry, entry.variable.shape, dtypeOf(entry.variable))),
  ];
  return {
    graph: { nodes, functions },
    inputs,
    outputs,
    variables: used.map(({ name, node, assigned }) => ({ name, node, assigned })),
  };
}

const bytes = (nodes: GraphNode[]): Uint8Array => encodeSavedModel({ nodes, functions: [] });
const isSame = (a: GraphNode[], b: GraphNode[]): boolean => Buffer.compare(bytes(a), bytes(b)) === 0;

/**
 * Compare two recordings of a step: values that JavaScript draws or counts differ, and would be frozen into the graph.
 * @throws CannotRecord naming an op that differs.
 */
export function checkSameTrace({ graph: { nodes } }: Trace, { graph: { nodes: again } }: Trace): void {
  if (nodes.length !== again.length) throw new CannotRecord('the step runs different ops each time it is recorded');
  if (isSame(nodes, again)) return;
  const different = nodes.find((node, index) => !isSame([node], again.slice(index, index + 1)));
  throw new CannotRecord(
    `a node of op "${different?.op}" differs each time the step is recorded: it depends on something random or counted in JavaScript`,
  );
}
