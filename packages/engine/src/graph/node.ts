/** A TensorFlow graph as plain data: what a recording writes and the passes rewrite. */
import type { Buffer } from 'node:buffer';

export type ShapeProto = { dim: { size: number }[] };
type TensorProto = { dtype: number; tensor_shape: ShapeProto; tensor_content: Uint8Array };
export type AttributeProto =
  | { type: number }
  | { i: number }
  | { f: number }
  | { b: boolean }
  | { s: Buffer }
  | { shape: ShapeProto }
  | { tensor: TensorProto }
  | { func: { name: string } }
  | { list: { i?: number[]; f?: number[]; b?: boolean[]; type?: number[]; s?: Buffer[] } };

/** An op. Inputs are `name` or `name:index` of what they read, then `^name` of what must run before. */
export type GraphNode = { name: string; op: string; input: string[]; attr: Record<string, AttributeProto> };

export type FunctionArgument = { name: string; type: number };
/** A function that nodes call by using its name as their op. */
export type GraphFunction = {
  signature: { name: string; input_arg: FunctionArgument[]; output_arg: FunctionArgument[] };
  node_def: GraphNode[];
  ret: Record<string, string>;
  attr: Record<string, AttributeProto>;
};

export type Graph = { nodes: GraphNode[]; functions: GraphFunction[] };

export const shapeProto = (shape: number[]): ShapeProto => ({ dim: shape.map((size) => ({ size })) });

/** The short form of a source: `name:0` is `name`. */
export const canonical = (source: string): string => (source.endsWith(':0') ? source.slice(0, -2) : source);

/** The name of the node that an input reads or waits for. */
export const sourceNode = (input: string): string => input.replace(/^\^/, '').split(':')[0] ?? '';

/** The nodes that `wanted` depend on, in the same order. */
export function prune(nodes: GraphNode[], wanted: string[]): GraphNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const used = new Set<string>();
  const pending = [...wanted];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    for (const input of byName.get(name)?.input ?? []) pending.push(sourceNode(input));
  }
  return nodes.filter(({ name }) => used.has(name));
}
