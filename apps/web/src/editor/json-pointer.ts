/** Places in a JSON document by JSON pointer (RFC 6901). */

import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/json';

const decodePart = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');
const VALUES = new Set(['Object', 'Array', 'String', 'Number', 'True', 'False', 'Null']);

function valuesOf(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) if (VALUES.has(child.name)) found.push(child);
  return found;
}

function member(node: SyntaxNode, key: string, text: string): SyntaxNode | undefined {
  if (node.name === 'Array') return valuesOf(node)[Number(key)];
  for (const property of node.getChildren('Property')) {
    const name = property.getChild('PropertyName');
    if (name && text.slice(name.from + 1, name.to - 1) === key) return property.lastChild ?? undefined;
  }
  return undefined;
}

/** The range of the value at `pointer`, or of the deepest value on the way that exists. */
export function locate(text: string, pointer: string): { from: number; to: number } {
  const top = parser.parse(text).topNode;
  let node = valuesOf(top)[0];
  for (const part of pointer.split('/').slice(1)) {
    const next = node && member(node, decodePart(part), text);
    if (!next) break;
    node = next;
  }
  // The first line of a long value is enough to find it.
  const [from, to] = node ? [node.from, node.to] : [0, text.length];
  const line = text.indexOf('\n', from);
  return { from, to: line === -1 ? to : Math.min(to, line) };
}

/** Where the document stops to be JSON; null if it is JSON. */
export function syntaxError(text: string): { from: number; to: number } | null {
  try {
    JSON.parse(text);
    return null;
  } catch {
    const cursor = parser.parse(text).cursor();
    do if (cursor.type.isError) return { from: cursor.from, to: Math.max(cursor.to, cursor.from + 1) };
    while (cursor.next());
    return { from: 0, to: text.length };
  }
}
