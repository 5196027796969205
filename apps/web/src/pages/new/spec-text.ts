/** The text of a spec, and changes of single fields in it. */

export type Spec = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The spec, or null while the text is none. */
export function readSpec(text: string): Spec | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

const WIDTH = 100;

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${inline(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function lines(value: unknown, indent: string): string {
  const short = inline(value);
  if (indent !== '' && indent.length + short.length <= WIDTH) return short;
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((one) => inner + lines(one, inner)).join(',\n')}\n${indent}]`;
  if (!isRecord(value)) return short;
  const entries = Object.entries(value).map(([key, one]) => `${inner}${JSON.stringify(key)}: ${lines(one, inner)}`);
  return `{\n${entries.join(',\n')}\n${indent}}`;
}

/** As the studies are written: what fits stands on one line. */
export const writeSpec = (spec: Spec): string => `${lines(spec, '')}\n`;

/** A copy in which the value at a path is another; undefined removes it, and objects that are empty then. */
export function withValue(spec: Spec, [key = '', ...rest]: readonly string[], value: unknown): Spec {
  const { [key]: old, ...others } = spec;
  const next = rest.length === 0 ? value : withValue(isRecord(old) ? old : {}, rest, value);
  const gone = next === undefined || (rest.length > 0 && isRecord(next) && Object.keys(next).length === 0);
  if (gone) return others;
  return old === undefined
    ? { ...spec, [key]: next }
    : Object.fromEntries(Object.entries(spec).map(([name, one]) => [name, name === key ? next : one]));
}

export const valueAt = (spec: Spec, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), spec);

/** The values of a field: those of its axis, or the fixed one. Null if they are in a list of subspaces, or a range. */
export function fieldValues(spec: Spec, path: string): readonly unknown[] | null {
  const { space } = spec;
  if (Array.isArray(space) && space.some((one) => isRecord(one) && Object.hasOwn(one, path))) return null;
  const axis = isRecord(space) ? space[path] : undefined;
  if (axis !== undefined) return Array.isArray(axis) ? axis : null;
  const fixed = valueAt(spec, path.split('.'));
  return fixed === undefined ? [] : [fixed];
}

/** The spec with these values of a field: one is fixed, several are an axis, none is the default. */
export function withField(spec: Spec, path: string, values: readonly unknown[]): Spec {
  const several = values.length > 1;
  const fixed = withValue(spec, path.split('.'), several ? undefined : values[0]);
  const { space, baseline } = fixed;
  if (Array.isArray(space)) return fixed;
  const axes = withValue(isRecord(space) ? space : {}, [path], several ? values : undefined);
  const spaced = withValue(fixed, ['space'], Object.keys(axes).length === 0 ? undefined : axes);
  const chosen = isRecord(baseline) ? baseline[path] : undefined;
  // A baseline names values of axes only.
  return chosen === undefined || (several && values.includes(chosen))
    ? spaced
    : withValue(spaced, ['baseline', path], undefined);
}

/** The spec with another family: fields and axes of the model belong to the family that had them. */
export function withFamily(spec: Spec, family: string): Spec {
  const { space, baseline } = spec;
  const without = (axes: unknown) =>
    isRecord(axes) ? Object.fromEntries(Object.entries(axes).filter(([path]) => !path.startsWith('model'))) : axes;
  const kept = (axes: unknown) => {
    const left = without(axes);
    return isRecord(left) && Object.keys(left).length === 0 ? undefined : left;
  };
  const changed = withValue(spec, ['model'], { family });
  return withValue(withValue(changed, ['space'], kept(space)), ['baseline'], kept(baseline));
}

/** "4, 8" as numbers, "flip, basic" as texts; JSON stays what it is. */
export function readList(text: string): unknown[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.flatMap((part) => {
    if (part === '') return [];
    const number = Number(part);
    return [Number.isNaN(number) ? part : number];
  });
}

export const listText = (values: readonly unknown[]): string =>
  values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ');
