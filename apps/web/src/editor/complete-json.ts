/** Completion in a JSON document by its schema: keys where a key may stand, listed values elsewhere. */
import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  pickedCompletion,
} from '@codemirror/autocomplete';
import { syntaxTree } from '@codemirror/language';
import type { SyntaxNode } from '@lezer/common';
import { describe, keysOf, membersOf, type Schema, valuesOf, type Written } from './json-schema.ts';

const VALUES = new Set(['Object', 'Array', 'String', 'Number', 'True', 'False', 'Null']);

/** The schemas of a place: what a document's schema says, or what depends on other places in it. */
export type SchemasAt = (path: readonly string[], written: (depth: number) => Written) => Schema[];

type Text = (node: SyntaxNode) => string;

const unquoted = (text: string): string => text.replace(/^"|"$/g, '');

/** The text of a key's value in an object, if it is text. */
const writtenIn =
  (object: SyntaxNode | undefined, text: Text): Written =>
  (key) => {
    for (const property of object?.getChildren('Property') ?? []) {
      const name = property.getChild('PropertyName');
      const value = property.lastChild;
      if (name && unquoted(text(name)) === key && value?.name === 'String') return unquoted(text(value));
    }
    return undefined;
  };

/** Keys and indices from the root to `node`, with the object or list that each is of. */
function pathTo(node: SyntaxNode, at: number, text: Text): { path: string[]; holders: SyntaxNode[] } {
  const path: string[] = [];
  const holders: SyntaxNode[] = [];
  for (let inner: SyntaxNode | null = node; inner; inner = inner.parent) {
    const holder = inner.parent;
    if (inner.name === 'Property' && holder) {
      const name = inner.getChild('PropertyName');
      path.unshift(name ? unquoted(text(name)) : '');
      holders.unshift(holder);
    } else if (inner.name === 'Array' && inner !== node) {
      let index = 0;
      for (let child = inner.firstChild; child && child.to <= at; child = child.nextSibling)
        if (VALUES.has(child.name) && child.to < at) index++;
      path.unshift(String(index));
      holders.unshift(inner);
    }
  }
  return { path, holders };
}

/** The schemas of `path` in `root`, alternatives that what is written rules out left aside. */
export const followSchema =
  (root: Schema): SchemasAt =>
  (path, written) => {
    let found: Schema[] = [root];
    for (const [depth, key] of path.entries())
      found = found.flatMap((schema) => membersOf(schema, key, written(depth)));
    return found;
  };

/** Replaces what is written, with the quotes around it, by `text`. */
const insert =
  (text: string, quoted: boolean): Completion['apply'] =>
  (view, completion, from, to) => {
    const [rest = ''] = quoted ? (/^[\w.-]*"?/.exec(view.state.sliceDoc(to, to + 200)) ?? []) : [];
    const start = quoted ? from - 1 : from;
    view.dispatch({
      changes: { from: start, to: to + rest.length, insert: text },
      selection: { anchor: start + text.length },
      annotations: pickedCompletion.of(completion),
      userEvent: 'input.complete',
    });
  };

const distinct = (completions: readonly Completion[]): Completion[] => [
  ...new Map(completions.map((one) => [one.label, one])).values(),
];

const VALID = /^[\w.-]*$/;

/** A completion source. `schemasAt` may refine `followSchema`. */
export function completeJson(schemasAt: SchemasAt) {
  return (context: CompletionContext): CompletionResult | null => {
    const { state, pos } = context;
    const text: Text = (node) => state.sliceDoc(node.from, node.to);
    let node = syntaxTree(state).resolveInner(pos, -1);
    if (node.type.isError && node.parent) node = node.parent;
    const quoted = node.name === 'PropertyName' || node.name === 'String';
    if (quoted && pos === node.from) return null;
    if (!quoted && !context.explicit && !context.matchBefore(/[{[:,]\s*$/)) return null;
    const from = quoted ? node.from + 1 : pos;

    const object = node.name === 'PropertyName' ? node.parent?.parent : node.name === 'Object' ? node : null;
    if (object) {
      const { path, holders } = pathTo(object, pos, text);
      const taken = new Set(
        object.getChildren('Property').flatMap((property) => {
          const name = property.getChild('PropertyName');
          return name && name.from !== node.from ? [unquoted(text(name))] : [];
        }),
      );
      const colon = /^[\w.-]*"?\s*:/.test(state.sliceDoc(pos, pos + 200)) ? '' : ': ';
      const options = schemasAt(path, (depth) => writtenIn(holders[depth], text))
        .flatMap((schema) => keysOf(schema, writtenIn(object, text)))
        .filter(([key]) => !taken.has(key))
        .map(([key, schema]) => ({
          ...{ label: key, type: 'property', info: describe(schema) },
          apply: insert(`"${key}"${colon}`, quoted),
        }));
      return { from, options: distinct(options), validFor: VALID };
    }
    const place = node.name === 'Array' ? (node.firstChild ?? node) : node;
    const { path, holders } = pathTo(place, pos, text);
    const options = schemasAt(path, (depth) => writtenIn(holders[depth], text)).flatMap((schema) =>
      valuesOf(schema)
        .filter((value) => !quoted || typeof value === 'string')
        .map((value) => ({
          label: typeof value === 'string' ? value : JSON.stringify(value),
          ...{ type: 'constant', info: describe(schema), apply: insert(JSON.stringify(value), quoted) },
        })),
    );
    return options.length === 0 ? null : { from, options: distinct(options), validFor: VALID };
  };
}
