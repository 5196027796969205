/** Tables of a schema's fields, in Markdown. */
import { z } from 'zod';

type Json = Exclude<z.core.JSONSchema._JSONSchema, boolean>;

/** A schema as JSON Schema, of what a user writes. */
const toJson = (schema: z.ZodType): Json =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' });

/** In a nested schema, `true` and `false` are schemas too; zod writes neither where a field is described. */
const nested = (schema: z.core.JSONSchema._JSONSchema | undefined): Json => (typeof schema === 'object' ? schema : {});

export const code = (value: unknown): string =>
  `\`${typeof value === 'string' ? value : JSON.stringify(value).replaceAll(',', ', ')}\``;

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');

const number = (value: number): string => (Math.abs(value) < 10_000 ? String(value) : value.toLocaleString('en-US'));

/** zod gives every integer the limits within which JavaScript is exact. */
const isLimit = (value: number | boolean | undefined): value is number =>
  typeof value === 'number' && Math.abs(value) !== Number.MAX_SAFE_INTEGER;

function bounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Json): string {
  if (isLimit(minimum) && isLimit(maximum)) return `, ${number(minimum)} to ${number(maximum)}`;
  const limits = Object.entries({ '≥': minimum, '>': exclusiveMinimum, '≤': maximum, '<': exclusiveMaximum });
  return limits.flatMap(([sign, value]) => (isLimit(value) ? [`, ${sign} ${number(value)}`] : [])).join('');
}

function text({ minLength = 0, maxLength, pattern, format }: Json): string {
  if (format === 'uri') return 'URL';
  if (pattern !== undefined) return `string matching ${code(pattern)}`;
  return maxLength === undefined ? 'string' : `string of ${minLength} to ${maxLength} characters`;
}

function list({ items, prefixItems, minItems = 0, maxItems }: Json): string {
  if (prefixItems) return `list of ${prefixItems.length} (${accepts(nested(prefixItems[0]))})`;
  const item = accepts(nested(Array.isArray(items) ? items[0] : items));
  if (maxItems === undefined) return `list (${item})`;
  return `list of ${minItems === maxItems ? maxItems : `${minItems} to ${number(maxItems)}`} (${item})`;
}

/** What a schema accepts, in words: its type, then its limits. */
function accepts(json: Json): string {
  if (json.const !== undefined) return code(json.const);
  if (json.enum) return json.enum.map(code).join(', ');
  const branches = json.anyOf ?? json.oneOf;
  if (branches) return branches.map((branch) => accepts(nested(branch))).join(' or ');
  if (json.type === 'null') return '`null`';
  if (json.type === 'integer' || json.type === 'number') return json.type + bounds(json);
  if (json.type === 'string') return text(json);
  if (json.type === 'array') return list(json);
  return typeof json.type === 'string' ? json.type : 'any value';
}

export type Field = { name: string; accepts: string; default: string; description: string };

/**
 * The fields of an object, those of nested objects by their path. `links` describes what a field accepts in place of its
 * schema. Throws on a field without a description.
 */
export function fieldsOf(schema: z.ZodObject, links: Readonly<Record<string, string>> = {}): Field[] {
  const walk = (json: Json, path: string): Field[] =>
    Object.entries(json.properties ?? {}).flatMap(([key, value]) => {
      const field = nested(value);
      const name = path + key;
      if (field.properties && !links[name]) return walk(field, `${name}.`);
      if (!field.description) throw new Error(`${name} has no description: add .describe() to its schema`);
      const isRequired = json.required?.includes(key);
      return [
        {
          name,
          accepts: links[name] ?? accepts(field),
          default: field.default === undefined ? (isRequired ? 'required' : '') : code(field.default),
          description: field.description,
        },
      ];
    });
  return walk(toJson(schema), '');
}

export const fieldTable = (fields: readonly Field[]): string =>
  table(
    ['field', 'accepts', 'default', 'description'],
    fields.map((field) => [code(field.name), field.accepts, field.default, field.description]),
  );
