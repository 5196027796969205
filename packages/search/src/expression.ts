/**
 * Expressions of a spec: conditions, constraints and links, in CEL (https://cel.dev). One is at most 500 characters and may not loop, so it
 * ends within microseconds. Numbers are doubles, as in JSON, except literals without a point and the results of `int` and `size`.
 */
import { isRecord } from '@ablate/contracts';
import { type ASTNode, Environment, EvaluationError } from '@marcbachmann/cel-js';

/** Functions and methods that take no expression to repeat and no pattern to match. */
const FUNCTIONS: readonly string[] = ['has', 'size', 'int', 'double', 'string', 'startsWith', 'endsWith', 'contains'];

/** The parts of a config: what an expression may name. */
const ROOTS: readonly string[] = ['dataset', 'model', 'train', 'augment'];

const LIMITS = { maxAstNodes: 200, maxDepth: 20, maxListElements: 50, maxMapEntries: 0, maxCallArguments: 4 };

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

/** CEL has no arithmetic between whole numbers and doubles, and no remainder of doubles. */
function environment(): Environment {
  const cel = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false, limits: LIMITS });
  for (const [operator, compute] of Object.entries(ARITHMETIC)) {
    const handler = (a: unknown, b: unknown) => compute(Number(a), Number(b));
    cel.registerOperator(`int ${operator} double: double`, handler);
    cel.registerOperator(`double ${operator} int: double`, handler);
    if (operator === '%') cel.registerOperator('double % double: double', handler);
  }
  return cel;
}

/** `missing`: the expression needs a field that the values lack. */
type Evaluation = { value: unknown } | { missing: string } | { error: string };

export type Expression = {
  text: string;
  /** Paths that it reads, such as `model.width`. */
  references: readonly string[];
  /** @param values the parts of a config, or some of them */
  evaluate(values: object): Evaluation;
};

const isNode = (value: unknown): value is ASTNode => isRecord(value) && typeof value.op === 'string';

function* nodes(value: unknown): Generator<ASTNode> {
  if (isNode(value)) {
    yield value;
    yield* nodes(value.args);
  } else if (Array.isArray(value)) for (const each of value) yield* nodes(each);
}

/** `a.b.c` as a path; null for another node. */
function pathOf(node: ASTNode): string | null {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return null;
  const inner = pathOf(node.args[0]);
  return inner === null ? null : `${inner}.${node.args[1]}`;
}

/** The longest paths of a tree. */
function* paths(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const each of value) yield* paths(each);
  if (!isNode(value)) return;
  const path = pathOf(value);
  if (path === null) yield* paths(value.args);
  else yield path;
}

/** What is wrong with a tree that parses. */
function objection(tree: ASTNode, references: readonly string[]): string | null {
  for (const node of nodes(tree)) {
    if ((node.op === 'call' || node.op === 'rcall') && !FUNCTIONS.includes(node.args[0]))
      return `has no function "${node.args[0]}", only ${FUNCTIONS.join(', ')}`;
    if (node.op === 'value' && node.args instanceof Uint8Array) return 'has no bytes: write a string';
  }
  const strange = references.find((path) => !ROOTS.includes(path.split('.')[0] ?? ''));
  if (strange !== undefined)
    return `"${strange}" is unknown: name a path into dataset, model, train or augment; put text in quotes`;
  return null;
}

const summaryOf = (error: unknown): string =>
  isRecord(error) && typeof error.summary === 'string' ? error.summary : String(error);

/** A whole number of CEL as a number of JSON. */
const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) ? value.map(plain) : value;
};

const MISSING = ['no_such_key', 'unknown_variable'];

/** Parses expressions; each text once. */
export function expressionReader(): (text: string) => Expression | { error: string } {
  const cel = environment();
  const known = new Map<string, Expression | { error: string }>();
  const read = (text: string): Expression | { error: string } => {
    try {
      const parsed = cel.parse(text);
      const references = [...new Set(paths(parsed.ast))];
      const error = objection(parsed.ast, references);
      if (error !== null) return { error };
      const checked = parsed.check();
      if (!checked.valid) return { error: summaryOf(checked.error) };
      return {
        text,
        references,
        evaluate: (values) => {
          try {
            return { value: plain(parsed({ ...values })) };
          } catch (error) {
            const isMissing = error instanceof EvaluationError && MISSING.includes(error.code);
            return isMissing ? { missing: summaryOf(error) } : { error: summaryOf(error) };
          }
        },
      };
    } catch (error) {
      return { error: summaryOf(error) };
    }
  };
  return (text) => {
    const found = known.get(text) ?? read(text);
    known.set(text, found);
    return found;
  };
}
