/**
 * Fusion: ops that XLA compiles into one loop over the data. In a recording they become a function of the graph, which all calls with
 * the same body share, so that a layer's code is compiled once however many layers there are. Eagerly they simply run.
 */
import { createHash } from 'node:crypto';
import { settings } from '../env.ts';
import { backend } from '../tensorflow/backend.ts';
import { type Named, renamed } from '../tensorflow/named.ts';
import { scoped, type tf } from '../tensorflow/tf.ts';
import { type FunctionArgument, type GraphFunction, type GraphNode, prune } from './node.ts';
import { createRecording, currentRecording, within } from './recording.ts';
import { encodeSavedModel } from './saved-model.ts';
import type { Result } from './shape-rules.ts';

/** The names that TensorFlow gives the first output of the ops that may be fused; functions want them spelled out. */
const OUTPUTS = new Map<string, string>([
  ...['Const', 'Mean', 'Sum', 'Max', 'Reshape', 'Fill', 'BiasAdd', 'Identity', 'Select', 'Pack'].map(
    (op): [string, string] => [op, 'output'],
  ),
  ...[
    'Mul',
    'Sub',
    'Add',
    'AddV2',
    'Div',
    'RealDiv',
    'Maximum',
    'Minimum',
    'GreaterEqual',
    'Greater',
    'SquaredDifference',
  ].map((op): [string, string] => [op, 'z']),
  ...['Erf', 'Exp', 'Square', 'Sqrt', 'Rsqrt', 'Neg', 'Abs', 'Sigmoid', 'Tanh', 'Cast', 'Transpose'].map(
    (op): [string, string] => [op, 'y'],
  ),
  ['MatMul', 'product'],
  ['Relu', 'activations'],
  ['ReluGrad', 'backprops'],
  ['Softmax', 'softmax'],
]);

// Compiling a function takes about a tenth of a second; below this size no run is long enough to win that back.
const WORTH_FUSING = 2 ** 16;

function fuses(inputs: tf.Tensor[]): boolean {
  const { fusion } = settings();
  if (fusion !== 'auto') return fusion === 'on';
  return !backend.binding.isUsingGpuDevice() && inputs.some(({ size }) => size >= WORTH_FUSING);
}

function portable({ name, op, input, attr }: GraphNode, outputs: Map<string, string>): GraphNode {
  const output = OUTPUTS.get(op);
  if (!output) throw new Error(`op "${op}" has no place in a fusion: add its output to graph/fuse.ts`);
  outputs.set(name, `${name}:${output}:0`);
  return { name, op, attr, input: input.map((source) => outputs.get(source) ?? source) };
}

/** What a fusion does, without its name: equal bodies share one. */
type Body = Omit<GraphFunction, 'signature'> & { arguments: FunctionArgument[]; results: FunctionArgument[] };

function bodyOf(nodes: GraphNode[], inputs: Result[], sources: string[], results: Result[]): Body {
  const outputs = new Map<string, string>();
  const node_def = prune(nodes, sources)
    .filter(({ op }) => op !== 'Placeholder')
    .map((node) => portable(node, outputs));
  return {
    arguments: inputs.map(({ dtype }, index) => ({ name: `argument_${index}`, type: dtype })),
    results: results.map(({ dtype }, index) => ({ name: `result_${index}`, type: dtype })),
    node_def,
    ret: Object.fromEntries(sources.map((source, index) => [`result_${index}`, outputs.get(source) ?? source])),
    attr: {},
  };
}

const digestOf = ({ arguments: taken, ret, node_def }: Body, shapes: number[][]): string =>
  createHash('sha256')
    .update(JSON.stringify([taken, ret, shapes]))
    .update(encodeSavedModel({ nodes: node_def, functions: [] }))
    .digest('hex')
    .slice(0, 16);

/**
 * Run `f` on named tensors as one fused op, and return what it returns. `f` may use what it is given and plain numbers,
 * and only elementwise ops and reductions.
 */
export function fused<Input extends string, Output extends string>(
  purpose: string,
  inputs: Named<Input>,
  f: (inputs: Named<Input>) => Named<Output>,
): Named<Output> {
  const outer = currentRecording();
  const given = Object.values<tf.Tensor>(inputs);
  if (!outer || !fuses(given)) return f(inputs);
  const inner = createRecording();
  let outputs: Named<Output> | undefined;
  const record = () => {
    outputs = f(
      renamed(
        inputs,
        given.map((tensor, index) => inner.argument(`argument_${index}`, tensor)),
      ),
    );
    const list = Object.values<tf.Tensor>(outputs);
    return { sources: list.map(inner.source), results: list.map(inner.known) };
  };
  const { sources, results } = within(inner, () => scoped(record));
  if (!outputs) throw new Error(`${purpose}: the fusion returned nothing`);
  const body = bodyOf(inner.nodes, given.map(outer.known), sources, results);
  const name = `${purpose}_${digestOf(
    body,
    given.map(({ shape }) => shape),
  )}`;
  const { arguments: input_arg, results: output_arg, ...rest } = body;
  outer.functions.set(name, { ...rest, signature: { name, input_arg, output_arg } });
  return renamed(outputs, outer.emit(name, { _XlaMustCompile: { b: true } }, given, results));
}
