/**
 * Mixed precision as a pass over a graph. Matrix products and convolutions run in bfloat16, and so do the ops between them whose
 * inputs are all bfloat16; everything else (statistics, losses, weights, optimisers) stays in float32. Casts stand at the borders.
 */
import { DT } from '../tensorflow/backend.ts';
import { canonical, type Graph, type GraphFunction, type GraphNode, sourceNode } from './node.ts';

/**
 * How an op takes part. `casts`: the inputs that become bfloat16 (all if absent); `decides`: those that must be bfloat16 already
 * (as `casts` if absent); `results`: how many outputs become bfloat16.
 */
type Role = { casts?: number[]; decides?: number[]; results?: number };

/** Always bfloat16: these do the arithmetic. */
const COMPUTES = new Map<string, Role>([
  ['MatMul', {}],
  ['BatchMatMulV2', {}],
  ['Conv2D', {}],
  ['Conv2DBackpropInput', { casts: [1, 2] }],
  ['Conv2DBackpropFilter', { casts: [0, 2] }],
]);

/** These accept bfloat16, and keep statistics in float32. */
const NORMALIZES = new Map<string, Role>([
  ['FusedBatchNormV3', { casts: [0] }],
  ['FusedBatchNormGradV3', { casts: [0, 1] }],
]);

/** bfloat16 if their inputs are: these move data, or round no more than the op before them. */
const FOLLOWS = new Map<string, Role>([
  ...['Relu', 'ReluGrad', 'Softmax', 'Pack', 'Add', 'AddV2', 'AddN', 'Sub', 'Mul', 'Neg', 'MaxPool', 'MaxPoolGrad'].map(
    (op): [string, Role] => [op, {}],
  ),
  ...['Reshape', 'Transpose', 'ExpandDims', 'Slice', 'StridedSlice', 'Pad', 'AvgPool'].map((op): [string, Role] => [
    op,
    { casts: [0] },
  ]),
  ['BiasAdd', { decides: [0] }],
  ['PadV2', { casts: [0, 2], decides: [0] }],
  ['AvgPoolGrad', { casts: [1] }],
  ['Unpack', { results: Number.POSITIVE_INFINITY }],
  ...NORMALIZES,
]);

/** These only move data: an op that reads one reads its input. */
const MOVES = new Set(['Reshape', 'Transpose', 'ExpandDims', 'Pack', 'Unpack', 'Slice', 'StridedSlice', 'Pad']);
/** These neither require bfloat16 nor rule it out. */
const NEUTRAL = new Set(['Const', 'Fill', 'ReadVariableOp']);

const isData = (input: string): boolean => !input.startsWith('^');
const typeOf = (node: GraphNode): number | null => {
  const { T } = node.attr;
  return T && 'type' in T ? T.type : null;
};

/** Outputs that products read, directly or through ops that move data. */
function readByProducts(nodes: GraphNode[]): Set<string> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const seen = new Set<string>();
  const pending = nodes.flatMap((node) => {
    const role = COMPUTES.get(node.op) ?? NORMALIZES.get(node.op);
    return role ? node.input.filter((input, i) => isData(input) && (role.casts?.includes(i) ?? true)) : [];
  });
  for (let source = pending.pop(); source !== undefined; source = pending.pop()) {
    const name = canonical(source);
    if (seen.has(name)) continue;
    seen.add(name);
    const node = byName.get(sourceNode(name));
    if (node && MOVES.has(node.op)) pending.push(...node.input.filter(isData));
  }
  return seen;
}

const castNode = (name: string, input: string, from: number, to: number): GraphNode => ({
  name,
  op: 'Cast',
  input: [input],
  attr: { SrcT: { type: from }, DstT: { type: to } },
});

/** A copy of a fused function with the marked arguments and results in bfloat16; inside, everything is float32. */
function variant(f: GraphFunction, args: boolean[], results: boolean[]): GraphFunction {
  const { signature } = f;
  const mark = [...args, ...results].map((yes) => (yes ? 'b' : 'f')).join('');
  const typed = <A extends { type: number }>(list: A[], which: boolean[]) =>
    list.map((argument, i) => (which[i] ? { ...argument, type: DT.bfloat16 } : argument));
  const inside = new Map(
    signature.input_arg.flatMap(({ name }, i) => (args[i] ? [[name, `cast_${name}:y:0`] as const] : [])),
  );
  const casts = [...inside.keys()].map((name) => castNode(`cast_${name}`, name, DT.bfloat16, DT.float32));
  const wide = (source: string) => inside.get(source) ?? source;
  const body = f.node_def.map((node) => ({ ...node, input: node.input.map(wide) }));
  const narrowed = signature.output_arg.flatMap(({ name }, i) =>
    results[i] ? [castNode(`cast_${name}`, wide(f.ret[name] ?? ''), DT.float32, DT.bfloat16)] : [],
  );
  const ret = Object.fromEntries(
    signature.output_arg.map(({ name }, i) => [name, results[i] ? `cast_${name}:y:0` : wide(f.ret[name] ?? '')]),
  );
  return {
    ...f,
    signature: {
      name: `${signature.name}_${mark}`,
      input_arg: typed(signature.input_arg, args),
      output_arg: typed(signature.output_arg, results),
    },
    node_def: [...casts, ...body, ...narrowed],
    ret,
  };
}

/** The same graph in mixed precision. Its inputs, outputs and variables keep their types. */
export function inBfloat16({ nodes, functions }: Graph): Graph {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const byFunction = new Map(functions.map((f) => [f.signature.name, f]));
  const wanted = readByProducts(nodes);
  const narrow = new Set<string>();
  const casts = new Set<string>();
  const variants = new Map<string, GraphFunction>();
  const written: GraphNode[] = [];

  function cast(source: string, to: 'narrow' | 'wide'): string {
    const name = `${to}/${source.replace(':', '_')}`;
    const [from, into] = to === 'narrow' ? [DT.float32, DT.bfloat16] : [DT.bfloat16, DT.float32];
    if (!casts.has(name)) written.push(castNode(name, source, from, into));
    casts.add(name);
    return name;
  }
  const narrowed = (input: string): string => (narrow.has(canonical(input)) ? input : cast(canonical(input), 'narrow'));
  const widened = (input: string): string =>
    isData(input) && narrow.has(canonical(input)) ? cast(canonical(input), 'wide') : input;
  const isNeutral = (input: string): boolean => NEUTRAL.has(byName.get(sourceNode(input))?.op ?? '');

  function follows(node: GraphNode, role: Role): boolean {
    const deciding = node.input.filter(
      (input, i) => isData(input) && ((role.decides ?? role.casts)?.includes(i) ?? true) && !isNeutral(input),
    );
    return deciding.length > 0 && deciding.every((input) => narrow.has(canonical(input)));
  }

  for (const node of nodes) {
    const f = byFunction.get(node.op);
    const role = COMPUTES.get(node.op) ?? FOLLOWS.get(node.op);
    if (f) {
      const args = f.signature.input_arg.map((_, i) => narrow.has(canonical(node.input[i] ?? '')));
      const sources = f.signature.output_arg.map((_, i) => (i === 0 ? node.name : `${node.name}:${i}`));
      const results = f.signature.output_arg.map(({ type }, i) => type === DT.float32 && wanted.has(sources[i] ?? ''));
      const typed = variant(f, args, results);
      variants.set(typed.signature.name, typed);
      written.push({ ...node, op: typed.signature.name });
      for (const [i, source] of sources.entries()) if (results[i]) narrow.add(source);
    } else if (role && typeOf(node) === DT.float32 && (COMPUTES.has(node.op) || follows(node, role))) {
      const input = node.input.map((source, i) =>
        isData(source) && (role.casts?.includes(i) ?? true) ? narrowed(source) : widened(source),
      );
      written.push({ ...node, input, attr: { ...node.attr, T: { type: DT.bfloat16 } } });
      const { num } = node.attr;
      const outputs = Math.min(role.results ?? 1, num && 'i' in num ? num.i : 1);
      for (let i = 0; i < outputs; i++) narrow.add(i === 0 ? node.name : `${node.name}:${i}`);
    } else written.push({ ...node, input: node.input.map(widened) });
  }
  return { nodes: written, functions: [...variants.values()] };
}
