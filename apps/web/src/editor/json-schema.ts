/** A JSON schema as far as an editor needs it: which keys and values may stand at a place. */

export type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): Schema[] => (Array.isArray(value) ? value.filter(isSchema) : []);

/** The alternatives of a schema, without the combinations. */
export function alternatives(schema: Schema): Schema[] {
  const inner = [...listOf(schema.anyOf), ...listOf(schema.oneOf), ...listOf(schema.allOf)];
  return inner.length === 0 ? [schema] : inner.flatMap(alternatives);
}

const propertiesOf = (schema: Schema): [string, Schema][] =>
  isSchema(schema.properties)
    ? Object.entries(schema.properties).flatMap(([key, value]): [string, Schema][] =>
        isSchema(value) ? [[key, value]] : [],
      )
    : [];

/** The values that a schema lists, or that its type has; nothing for numbers and free text. */
export function valuesOf(schema: Schema): unknown[] {
  if (Array.isArray(schema.enum)) return schema.enum;
  if (schema.const !== undefined) return [schema.const];
  if (schema.type === 'boolean') return [true, false];
  if (schema.type === 'null') return [null];
  return schema.default === undefined ? [] : [schema.default];
}

/** What the written value of a key is, if it is text: it chooses between alternatives, as `family` does. */
export type Written = (key: string) => string | undefined;

/** Whether the written keys of an object, but `except`, agree with the listed values of an alternative. */
function agrees(schema: Schema, written: Written, except?: string): boolean {
  return propertiesOf(schema).every(([key, property]) => {
    const value = key === except ? undefined : written(key);
    return value === undefined || !Array.isArray(property.enum) || property.enum.includes(value);
  });
}

/** The schemas of a member: a property by its name, an item of a list, or what every other property must be. */
export function membersOf(schema: Schema, key: string, written: Written): Schema[] {
  return alternatives(schema)
    .filter((one) => agrees(one, written, key))
    .flatMap((one): Schema[] => {
      const property = propertiesOf(one).find(([name]) => name === key)?.[1];
      if (property) return [property];
      if (isSchema(one.items)) return [one.items];
      return isSchema(one.additionalProperties) ? [one.additionalProperties] : [];
    });
}

/** The keys of an object, each once, in the order of the schema. */
export function keysOf(schema: Schema, written: Written): [string, Schema][] {
  const found = new Map<string, Schema>();
  for (const one of alternatives(schema).filter((each) => agrees(each, written)))
    for (const [key, property] of propertiesOf(one)) if (!found.has(key)) found.set(key, property);
  return [...found];
}

/** The paths of every value below an object, such as `model.patchSize`. */
export function pathsOf(schema: Schema, prefix = ''): [string, Schema][] {
  return keysOf(schema, () => undefined).flatMap(([key, property]): [string, Schema][] => {
    const path = `${prefix}${key}`;
    return [[path, property], ...pathsOf(property, `${path}.`)];
  });
}

/** What a schema says of a value: its meaning, its default and its range. */
export function describe(schema: Schema): string {
  const [{ description, minimum, maximum, default: fallback } = schema] = [schema, ...alternatives(schema)].filter(
    (one) => one.description !== undefined,
  );
  const range =
    minimum === undefined && maximum === undefined
      ? ''
      : ` (${[minimum, maximum].map((end) => end ?? '…').join(' to ')})`;
  const filled = fallback === undefined ? '' : `; default ${JSON.stringify(fallback)}`;
  return `${typeof description === 'string' ? description : ''}${range}${filled}`;
}
