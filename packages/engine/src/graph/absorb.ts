/** A pass that moves additions into the fused functions that read their sums, which saves one pass over the data. */
import { canonical, type Graph, type GraphFunction, type GraphNode, prune, sourceNode } from './node.ts';

/** Additions by op: the name of their output inside a function, and how many calls may repeat the sum. */
const SUMS = new Map<string, { output: string; readers: number }>([
  ['BiasAdd', { output: 'output', readers: Number.POSITIVE_INFINITY }],
  ['Add', { output: 'z', readers: 1 }],
  ['AddV2', { output: 'z', readers: 1 }],
]);

/** A copy of a fused function that first adds a new last argument to argument `index`, with the op of `sum`. */
function withSum(f: GraphFunction, index: number, { op, attr }: GraphNode): GraphFunction {
  const { signature } = f;
  const argument = signature.input_arg[index];
  if (!argument) throw new Error(`${signature.name} has no argument ${index}`);
  const second = { name: `added_${index}`, type: argument.type };
  const sum: GraphNode = { name: `sum_${index}`, op, input: [argument.name, second.name], attr };
  const summed = (source: string) => (source === argument.name ? `${sum.name}:${SUMS.get(op)?.output}:0` : source);
  return {
    ...f,
    signature: {
      ...signature,
      name: `${signature.name}_${op}${index}`,
      input_arg: [...signature.input_arg, second],
    },
    node_def: [sum, ...f.node_def.map((node) => ({ ...node, input: node.input.map(summed) }))],
    ret: Object.fromEntries(Object.entries(f.ret).map(([name, source]) => [name, summed(source)])),
  };
}

/** The same graph with sums computed where they are read. `ends` are the nodes that must remain. */
export function absorbSums({ nodes, functions }: Graph, ends: string[]): Graph {
  const library = new Map(functions.map((f) => [f.signature.name, f]));
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes)
    for (const input of node.input) {
      const source = sourceNode(input);
      readers.set(source, [...(readers.get(source) ?? []), node]);
    }
  const sums = new Map(
    nodes
      .filter(({ name, op }) => {
        const reading = readers.get(name) ?? [];
        return reading.length <= (SUMS.get(op)?.readers ?? 0) && reading.every((reader) => library.has(reader.op));
      })
      .map((node) => [node.name, node]),
  );
  const rewritten = nodes.map((node) => {
    let f = library.get(node.op);
    if (!f) return node;
    const input = [...node.input];
    const added: string[] = [];
    for (const [index, source] of node.input.entries()) {
      const sum = sums.get(canonical(source));
      const [first, second, ...order] = sum?.input ?? [];
      if (!sum || !first || !second || order.length > 0) continue;
      f = withSum(f, index, sum);
      library.set(f.signature.name, f);
      input[index] = first;
      added.push(second);
    }
    return { ...node, op: f.signature.name, input: [...input, ...added] };
  });
  const left = prune(rewritten, ends);
  const used = new Set(left.map(({ op }) => op));
  return { nodes: left, functions: [...library.values()].filter(({ signature }) => used.has(signature.name)) };
}
