/** A pass that moves additions of a bias into the fused functions that alone read their sums: one pass over the data less. */
import { type Graph, type GraphFunction, type GraphNode, prune, sourceNode } from './node.ts';

const canonical = (source: string): string => (source.endsWith(':0') ? source.slice(0, -2) : source);

/** A fused function that adds a bias, its new last argument, to argument `index` before anything else. */
function withBias(f: GraphFunction, index: number): GraphFunction {
  const { signature } = f;
  const argument = signature.input_arg[index];
  if (!argument) throw new Error(`${signature.name} has no argument ${index}`);
  const bias = { name: `bias_${index}`, type: argument.type };
  const sum: GraphNode = {
    name: `biased_${index}`,
    op: 'BiasAdd',
    input: [argument.name, bias.name],
    attr: { T: { type: argument.type }, data_format: { s: Buffer.from('NHWC') } },
  };
  const biased = (source: string) => (source === argument.name ? `${sum.name}:output:0` : source);
  return {
    ...f,
    signature: { ...signature, name: `${signature.name}_bias${index}`, input_arg: [...signature.input_arg, bias] },
    node_def: [sum, ...f.node_def.map((node) => ({ ...node, input: node.input.map(biased) }))],
    ret: Object.fromEntries(Object.entries(f.ret).map(([name, source]) => [name, biased(source)])),
  };
}

/** The same graph with biases added where they are used; `outputs` are the nodes that must stay. */
export function absorbBiases({ nodes, functions }: Graph, outputs: string[]): Graph {
  const library = new Map(functions.map((f) => [f.signature.name, f]));
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes)
    for (const input of node.input) {
      const source = sourceNode(input);
      readers.set(source, [...(readers.get(source) ?? []), node]);
    }
  const biases = new Map(
    nodes
      .filter(({ name, op }) => op === 'BiasAdd' && readers.get(name)?.every((reader) => library.has(reader.op)))
      .map((node) => [node.name, node]),
  );
  const rewritten = nodes.map((node) => {
    let f = library.get(node.op);
    if (!f) return node;
    const input = [...node.input];
    const added: string[] = [];
    for (const [index, source] of node.input.entries()) {
      const bias = biases.get(canonical(source));
      const [rows, column] = bias?.input ?? [];
      if (!rows || !column) continue;
      f = withBias(f, index);
      library.set(f.signature.name, f);
      input[index] = rows;
      added.push(column);
    }
    return { ...node, op: f.signature.name, input: [...input, ...added] };
  });
  const left = prune(rewritten, outputs);
  const used = new Set(left.map(({ op }) => op));
  return { nodes: left, functions: [...library.values()].filter(({ signature }) => used.has(signature.name)) };
}
