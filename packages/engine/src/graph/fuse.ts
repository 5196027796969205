/**
 * Fusion: ops that XLA compiles into one loop over the data. In a recording they become a function of the graph. Calls with the
 * same body share one function, so that XLA compiles the code of a layer once for all layers. Eagerly the ops run one by one.
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

/** The name of the first output of every op that may be fused: functions address outputs by name. */
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
  ['Softmax', 'softmax'],
]);

// Compiling a function takes about a tenth of a second; below this size no run is long enough to save as much.
const WORTH_FUSING = 2 ** 16;

function fuses(inputs: tf.Tensor[]): boolean {
  const { fusion } = settings();
  if (fusion !== 'auto') return fusion === 'on';
  return !backend.binding.isUsingGpuDevice() && inputs.some(({ size }) => size >= WORTH_FUSING);
}

function portable({ name, op, input, attr }: GraphNode, outputs: Map<string, string>): GraphNode {
  const output = OUTPUTS.get(op);
  if (!output) throw new Error(`op "${op}" cannot be fused: add the name of its output to OUTPUTS in graph/fuse.ts`);
  outputs.set(name, `${name}:${output}:0`);
  return { name, op, attr, input: input.map((source) => outputs.get(source) ?? source) };
}

/** A fused function without its name: equal bodies share one function. */
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
 * Run `f` on named tensors as one fused op. `f` may use its inputs and plain numbers, with elementwise ops and reductions only.
 * @throws Error if `f` uses an op that is not in OUTPUTS.
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
