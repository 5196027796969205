/** The schema of a spec, as the API describes it, and what it says of axes. */
import { queryOptions } from '@tanstack/react-query';
import { followSchema, type SchemasAt } from '../../editor/complete-json.ts';
import { alternatives, pathsOf, type Schema } from '../../editor/json-schema.ts';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The value at a path of keys; undefined if it ends before. */
const dig = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);

/** The schema of a spec in the API's description of itself; null if that is missing: the editor then has no completion. */
export const specSchemaQuery = () =>
  queryOptions({
    queryKey: ['spec-schema'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<Schema | null> => {
      const response = await fetch('/docs/json', { signal });
      const document: unknown = await response.json();
      const found = dig(
        document,
        ...['paths', '/api/v1/sweeps', 'post', 'requestBody', 'content', 'application/json', 'schema'],
      );
      return isRecord(found) ? found : null;
    },
  });

/** Parts of a spec in which axes lie. */
const PARTS = ['model', 'train', 'dataset', 'augment'];

const partsOf = (root: Schema): [string, Schema][] => {
  const properties = isRecord(root.properties) ? root.properties : {};
  return PARTS.flatMap((part): [string, Schema][] => {
    const schema = properties[part];
    return isRecord(schema) ? [[part, schema], ...pathsOf(schema, `${part}.`)] : [];
  });
};

/** Every axis with the schema of its values. */
export const axesOf = (root: Schema): Map<string, Schema> => {
  const axes = new Map<string, Schema>();
  for (const [path, schema] of partsOf(root)) {
    const known = axes.get(path);
    // Two families may have an axis of one name: it takes the values of both.
    axes.set(path, known ? { anyOf: [...alternatives(known), ...alternatives(schema)] } : schema);
  }
  return axes;
};

/** The schemas of a spec: the keys of `space` and `baseline` are axes, and their values those that the axes take. */
export function specSchemas(root: Schema): SchemasAt {
  const axes = axesOf(root);
  const keys: Schema = { properties: Object.fromEntries(axes) };
  const follow = followSchema(root);
  return (path, written) => {
    const [part, ...rest] = path;
    if (part !== 'space' && part !== 'baseline') return follow(path, written);
    const [axis, ...inner] = rest[0] !== undefined && /^\d+$/.test(rest[0]) ? rest.slice(1) : rest;
    if (axis === undefined) return [keys];
    const schema = axes.get(axis);
    return schema && (part === 'baseline' || inner.length > 0) ? alternatives(schema) : [];
  };
}
