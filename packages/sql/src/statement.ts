/**
 * Checks a user's statement with PostgreSQL's own grammar before it is sent: one SELECT over the views. The read-only role is what protects
 * the database; the check gives an error that names the position and the remedy.
 */
import { HARMFUL_FUNCTIONS } from '@ablate/db';
import { hasSqlDetails, parse, scan } from 'libpg-query';
import { z } from 'zod';
import { explain, indexOfPoint, SqlError } from './refusal.ts';

/** Longest statement, in characters, and most tokens: the parser recurses, and a token may be a level. */
const MAX_CHARACTERS = 100_000;
const MAX_TOKENS = 6_000;

/** A statement with `$1`, `$2`, … in place of `:name`, and the names in that order. */
export type Statement = { text: string; names: string[]; toWritten: (position: number) => number };

type Refuse = (message: string, position: number | null, hint?: string) => never;

const Tokens = z.object({
  tokens: z.array(z.object({ start: z.int(), end: z.int(), text: z.string(), tokenName: z.string() })),
});
type Token = z.infer<typeof Tokens>['tokens'][number];

const NAME = /^[a-z_][a-z0-9_]*$/i;

/** Replaces `:name` by a numbered parameter. A slice with a name in it is written with spaces: `[1 : n]`. */
function numberParameters(sql: string, tokens: readonly Token[]): Statement {
  const bytes = Buffer.from(sql);
  const names: string[] = [];
  const shifts: { at: number; by: number }[] = [];
  let [text, from] = ['', 0];
  tokens.forEach((colon, i) => {
    const name = tokens[i + 1];
    if (colon.text !== ':' || name === undefined || name.start !== colon.end || !NAME.test(name.text)) return;
    if (!names.includes(name.text)) names.push(name.text);
    text += `${bytes.subarray(from, colon.start)}$${names.indexOf(name.text) + 1}`;
    from = name.end;
    shifts.push({ at: text.length, by: Buffer.from(bytes.subarray(0, from)).toString().length - text.length });
  });
  text += bytes.subarray(from);
  const toWritten = (position: number): number => position + (shifts.findLast(({ at }) => at <= position)?.by ?? 0);
  return { text, names, toWritten };
}

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every node of the tree with its name, such as `SelectStmt`. Not recursive: a statement may be thousands of levels deep. */
function* nodesOf(root: unknown): Generator<{ name: string; node: Node }> {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const next = open.pop();
    if (Array.isArray(next)) open.push(...next);
    else if (isNode(next))
      for (const [name, value] of Object.entries(next)) {
        if (isNode(value)) yield { name, node: value };
        if (typeof value === 'object') open.push(value);
      }
  }
}

const locationOf = ({ location }: Node): number => (typeof location === 'number' ? location : 0);

const Names = z.array(z.object({ String: z.object({ sval: z.string() }) }));
const functionName = ({ funcname }: Node): string[] => {
  const parsed = Names.safeParse(funcname);
  return parsed.success ? parsed.data.map(({ String: { sval } }) => sval) : [];
};

const WRITES: Record<string, string> = {
  InsertStmt: 'INSERT',
  UpdateStmt: 'UPDATE',
  DeleteStmt: 'DELETE',
  MergeStmt: 'MERGE',
};
const ONLY_SELECT = 'SQL only reads: write a SELECT over the views of docs/sql.md';
const HARMFUL = HARMFUL_FUNCTIONS.map(({ pattern, does }) => ({ pattern: new RegExp(pattern), does }));

/** What a node may not be or hold. */
function checkNode(name: string, node: Node, withNames: ReadonlySet<unknown>, refuse: Refuse): void {
  if (WRITES[name]) refuse(`${WRITES[name]} is not allowed`, null, ONLY_SELECT);
  if (name === 'intoClause') refuse('SELECT INTO is not allowed', null, ONLY_SELECT);
  if ('lockingClause' in node) refuse('FOR UPDATE and FOR SHARE are not allowed', null, 'leave the clause out');
  if (name === 'ParamRef') refuse('$1 is not allowed', locationOf(node), 'write a parameter as :name');
  if (name === 'RangeVar') {
    const { schemaname, relname, catalogname } = node;
    const isCatalog = typeof relname === 'string' && relname.startsWith('pg_') && !withNames.has(relname);
    if (catalogname !== undefined || (schemaname === undefined ? isCatalog : schemaname !== 'reporting'))
      refuse(
        `${[catalogname, schemaname, relname].filter(Boolean).join('.')} cannot be read`,
        locationOf(node),
        'only the views of the schema reporting can: select * from columns lists them',
      );
  }
  if (name === 'FuncCall') {
    const [last = '', schema = 'pg_catalog'] = functionName(node).reverse();
    const harmful = HARMFUL.find(({ pattern }) => pattern.test(last));
    if (harmful) refuse(`${last}() is not allowed: it ${harmful.does}`, locationOf(node));
    if (schema !== 'pg_catalog')
      refuse(`${schema}.${last}() is not allowed`, locationOf(node), 'only built-in functions can be called');
  }
}

/**
 * Parses and checks a statement, and numbers its parameters.
 * @throws SqlError that names what is not allowed, where, and what to write instead
 */
export async function checkStatement(sql: string): Promise<Statement> {
  if (sql.length > MAX_CHARACTERS)
    throw new SqlError('invalid', `the statement has ${sql.length} characters; at most ${MAX_CHARACTERS} are allowed`);
  const empty = new SqlError('invalid', 'the statement is empty');
  if (sql.trim() === '') throw empty;
  if (sql.includes('\0')) throw new SqlError('invalid', 'the statement has a NUL character');
  let statement: Statement | undefined;
  try {
    const { tokens } = Tokens.parse(await scan(sql));
    if (tokens.length > MAX_TOKENS)
      throw new SqlError('invalid', `the statement has ${tokens.length} tokens; at most ${MAX_TOKENS} are allowed`);
    statement = numberParameters(sql, tokens);
    const { text, toWritten, names } = statement;
    const { stmts = [] } = await parse(text);
    const refuse: Refuse = (message, position, hint) => {
      const at = position === null ? null : toWritten(Buffer.from(text).subarray(0, position).toString().length);
      throw new SqlError('invalid', explain(message, sql, at, hint));
    };
    const [first, second] = stmts;
    if (first === undefined) throw empty;
    if (second !== undefined)
      refuse('one statement at a time', second.stmt_location ?? 0, 'remove what follows the first semicolon');
    const [kind = ''] = Object.keys(first.stmt ?? {});
    if (kind !== 'SelectStmt') {
      const [verb = 'this statement'] = text
        .slice(first.stmt_location ?? 0)
        .trim()
        .split(/\s/);
      refuse(`${verb.toUpperCase()} is not allowed`, first.stmt_location ?? 0, ONLY_SELECT);
    }
    const nodes = [...nodesOf(first.stmt)];
    const withNames = new Set(nodes.flatMap(({ name, node }) => (name === 'CommonTableExpr' ? [node.ctename] : [])));
    // `ParamRef`s are ours where the statement has named parameters; without names they were written.
    for (const { name, node } of nodes)
      if (name !== 'ParamRef' || Number(node.number) > names.length) checkNode(name, node, withNames, refuse);
    return statement;
  } catch (error) {
    if (error instanceof SqlError) throw error;
    if (hasSqlDetails(error)) {
      const { cursorPosition: points } = error.sqlDetails ?? {};
      const written = statement ?? { text: sql, toWritten: (position: number) => position };
      const at = points === undefined ? null : written.toWritten(indexOfPoint(written.text, points));
      throw new SqlError('invalid', explain(error.message, sql, at));
    }
    if (error instanceof RangeError || (error instanceof Error && error.name === 'RuntimeError'))
      throw new SqlError('invalid', 'the statement is nested too deeply: split it into WITH queries');
    throw error;
  }
}
