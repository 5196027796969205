/** The names of configs and of axes: in tables, and as words in sentences. */
import { canonicalJson, isRecord } from '@ablate/contracts';

/** A value as text. A value with a preset is the name of the preset, and the fields that differ from it. */
export function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isRecord(value)) {
    const { preset, ...rest } = value;
    if (typeof preset === 'string') return Object.keys(rest).length === 0 ? preset : `${preset} ${canonicalJson(rest)}`;
  }
  return value === undefined ? '' : canonicalJson(value);
}

/** Fields that name what an object is: a model's preset or family, the name of an optimizer or a schedule, an augmentation. */
const TITLES = ['preset', 'family', 'name', 'op'];

const titleOf = (value: Record<string, unknown>): string | undefined => {
  const title = TITLES.map((key) => value[key]).find((found) => typeof found === 'string');
  return typeof title === 'string' ? title : undefined;
};

/** Lists of sets and operations, such as an `augment`, in the order of application; not lists of numbers. */
const isNamedList = (value: unknown): value is unknown[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((one) => typeof one === 'string' || (isRecord(one) && titleOf(one) !== undefined));

/** `basic + mixup` of a list, with `text` for each of its entries. */
const listText = (value: unknown, text: (one: unknown) => string): string =>
  isNamedList(value) ? value.map(text).join(' + ') : text(value);

/** `vit, width 64`: its title, and the fields in which the values of an axis differ. */
function fieldText(value: unknown, differing: readonly string[]): string {
  if (!isRecord(value)) return formatValue(value);
  const fields = differing.flatMap((key) => (Object.hasOwn(value, key) ? [`${key} ${formatValue(value[key])}`] : []));
  return [titleOf(value), ...fields].filter((part) => part !== undefined).join(', ');
}

/** The same without the fields that are 0: dropout of rates that are all 0 is `none`. */
function sparseText(value: unknown, differing: readonly string[]): string {
  if (!isRecord(value)) return formatValue(value);
  return (
    fieldText(
      value,
      differing.filter((key) => value[key] !== 0),
    ) || 'none'
  );
}

/** A value to read: a number to four digits, an object without a preset as its family or name. Not always unique: `axisTexts` is. */
function briefValue(value: unknown): string {
  if (typeof value === 'number') return `${Number(value.toPrecision(4))}`;
  if (isNamedList(value)) return listText(value, briefValue);
  const title = isRecord(value) && typeof value.preset !== 'string' ? titleOf(value) : undefined;
  if (isRecord(value) && title !== undefined) return Object.keys(value).length === 1 ? title : `${title} …`;
  if (isRecord(value) && titleOf(value) === undefined) return sparseText(value, Object.keys(value));
  return formatValue(value);
}

/** The values of an axis as text. */
export type ValueText = (path: string, value: unknown) => string;

/** Digits of numbers that differ only after the fourth, such as draws from a range. */
const DIGITS = [5, 6, 8];

/** The fields in which an object differs from others of its title: two ViTs by their depth, whatever a ResNet beside them has. */
function differingFields(records: readonly Record<string, unknown>[]): (value: unknown) => readonly string[] {
  const alike = new Map<string | undefined, Record<string, unknown>[]>();
  for (const record of records) alike.set(titleOf(record), [...(alike.get(titleOf(record)) ?? []), record]);
  const fields = new Map(
    [...alike].map(([title, group]) => {
      const keys = [...new Set(group.flatMap(Object.keys))].filter((key) => !TITLES.includes(key));
      const texts = (key: string) => new Set(group.map((record) => canonicalJson(record[key] ?? null)));
      return [title, keys.filter((key) => texts(key).size > 1)];
    }),
  );
  return (value) => (isRecord(value) ? (fields.get(titleOf(value)) ?? []) : []);
}

/** The shortest text of each value that is unique among those of its axis. */
export function axisTexts(points: readonly { axes: Record<string, unknown> }[]): ValueText {
  const seen = new Map<string, Map<string, unknown>>();
  for (const { axes } of points)
    for (const [path, value] of Object.entries(axes)) {
      const values = seen.get(path) ?? new Map<string, unknown>();
      seen.set(path, values.set(canonicalJson(value), value));
    }
  const texts = new Map<string, Map<string, string>>();
  for (const [path, values] of seen) {
    const differing = differingFields(
      [...values.values()].flatMap((one) => (isNamedList(one) ? one : [one])).filter(isRecord),
    );
    const bare = (value: unknown) => listText(value, (one) => (isRecord(one) ? fieldText(one, []) : briefValue(one)));
    const finer = DIGITS.map(
      (digits) => (value: unknown) =>
        typeof value === 'number' ? `${Number(value.toPrecision(digits))}` : bare(value),
    );
    const sparse = (value: unknown) => listText(value, (one) => sparseText(one, differing(one)));
    const fields = (value: unknown) => listText(value, (one) => fieldText(one, differing(one)));
    const unique = [bare, ...finer, sparse, fields].find((text) => {
      const found = [...values.values()].map(text);
      return new Set(found).size === found.length && !found.includes('');
    });
    texts.set(path, new Map([...values].map(([key, value]) => [key, (unique ?? formatValue)(value)])));
  }
  return (path, value) => texts.get(path)?.get(canonicalJson(value)) ?? briefValue(value);
}

/** The shortest ending of each path that is unique among the axes: `model.patchSize` is `patchSize`. */
export function axisNames(paths: readonly string[]): string[] {
  const ending = (path: string, parts: number) => path.split('.').slice(-parts).join('.');
  return paths.map((path) => {
    for (let parts = 1; ; parts++) {
      const name = ending(path, parts);
      if (name === path || !paths.some((other) => other !== path && ending(other, parts) === name)) return name;
    }
  });
}

/** All axes in order of first appearance. The points of a union of spaces have different axes. */
const axisPaths = (points: readonly { axes: Record<string, unknown> }[]): string[] => [
  ...new Set(points.flatMap(({ axes }) => Object.keys(axes))),
];

/** The axes on which the points differ, in order of first appearance: several values, or absent from some points. */
export function varyingAxes(points: readonly { axes: Record<string, unknown> }[]): string[] {
  const [first] = points;
  return axisPaths(points).filter((path) => {
    const of = (point: { axes: Record<string, unknown> }) =>
      Object.hasOwn(point.axes, path) ? canonicalJson(point.axes[path]) : undefined;
    const reference = first && of(first);
    return points.some((point) => of(point) !== reference);
  });
}

/** Lists, and objects with a title, need no name of their axis. */
const speaksForItself = (value: unknown): boolean =>
  Array.isArray(value) || (isRecord(value) && titleOf(value) !== undefined);

/** One line: `patchSize 4, ordering preNorm`. `wording` changes the names of the axes, `text` the values. */
export function formatPoint(
  axes: Record<string, unknown>,
  {
    text = (_, value) => briefValue(value),
    wording = (name) => name,
  }: { text?: ValueText; wording?: (name: string) => string } = {},
): string {
  const paths = Object.keys(axes);
  if (paths.length === 0) return 'as written';
  const names = axisNames(paths);
  return paths
    .map((path, i) => {
      const value = text(path, axes[path]);
      return speaksForItself(axes[path]) ? value : `${wording(names[i] ?? path)} ${value}`;
    })
    .join(', ');
}

/** The name of an axis as words: `patchSize` is `patch size`. */
export const axisWords = (name: string): string =>
  name
    .replace(/\./g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();
