/** Tells whether two recordings of a step are one: what JavaScript draws or counts differs, and would be frozen into the graph. */
import { CannotRecord } from '../graph/errors.ts';
import type { GraphNode } from '../graph/node.ts';
import { encodeSavedModel } from '../graph/saved-model.ts';
import type { Trace } from '../graph/trace.ts';

const bytes = (nodes: GraphNode[]): Uint8Array => encodeSavedModel({ nodes, functions: [] });
const isSame = (a: GraphNode[], b: GraphNode[]): boolean => Buffer.compare(bytes(a), bytes(b)) === 0;

/** Throw, naming an op, if the traces differ. */
export function checkSameTrace({ graph: { nodes } }: Trace, { graph: { nodes: again } }: Trace): void {
  if (nodes.length !== again.length) throw new CannotRecord('the step runs other ops each time that it is recorded');
  if (isSame(nodes, again)) return;
  const different = nodes.find((node, index) => !isSame([node], again.slice(index, index + 1)));
  throw new CannotRecord(
    `a node of op "${different?.op}" differs each time the step is recorded: it depends on something random or counted in JavaScript`,
  );
}
