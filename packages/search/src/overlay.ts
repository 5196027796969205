/** The parts of a spec, overlaid with the values of a point. */
import { type Config, isRecord } from '@ablate/contracts';

export type Written = Record<keyof Config, unknown>;

const depth = (path: string): number => path.split('.').length;

/**
 * Overlays the parts as written with the values of `axes`, a whole part before its fields. The input is not modified.
 * If a path leads into a value without fields, returns that axis and a message instead.
 */
export function overlay(
  written: Written,
  axes: Record<string, unknown>,
): { written: Written } | { axis: string; message: string } {
  let result: Record<string, unknown> = { ...written };
  for (const axis of Object.keys(axes).sort((a, b) => depth(a) - depth(b))) {
    const keys = axis.split('.');
    const next = withValue(result, keys, axes[axis]);
    if (next === null) return { axis, message: `"${axis}" is a path into a value that has no fields` };
    result = next;
  }
  const { dataset, model, train, augment } = result;
  return { written: { dataset, model, train, augment } };
}

function withValue(
  object: Record<string, unknown>,
  [key, ...rest]: string[],
  value: unknown,
): Record<string, unknown> | null {
  if (key === undefined) return null;
  if (rest.length === 0) return { ...object, [key]: value };
  const inner = Object.hasOwn(object, key) ? (object[key] ?? {}) : {};
  if (!isRecord(inner)) return null;
  const next = withValue(inner, rest, value);
  return next && { ...object, [key]: next };
}
