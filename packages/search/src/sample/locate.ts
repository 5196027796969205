/** From the values that a caller gives to a point of the space. */
import { canonicalJson, jsonPointer, type PointerComplaint } from '@ablate/contracts';
import { type Coordinate, coordinateAt, type Domain, domainSize } from '../domain.ts';
import type { Raw, SampleSpace } from './sample-space.ts';

/** Relative distance up to which a number counts as a value of a range with a step. */
const ROUNDING = 1e-9;

const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

/** Where a value is in its domain; null if it is not one of its values. */
function coordinateOf(domain: Domain, value: unknown): Coordinate | null {
  if (domain.kind === 'choice') {
    const index = domain.values.findIndex((one) => same(one, value));
    return index < 0 ? null : index;
  }
  if (domain.kind === 'permutation') {
    if (!Array.isArray(value)) return null;
    const order = value.map((item) => domain.items.findIndex((one) => same(one, item)));
    const isWhole = order.length === domain.items.length && new Set(order).size === order.length;
    return isWhole && !order.includes(-1) ? order : null;
  }
  const { low, high, first, step } = domain;
  if (typeof value !== 'number' || value < low || value > high) return null;
  if (step === null) return value;
  const index = Math.round((value - first) / step);
  if (index < 0 || index >= domainSize(domain)) return null;
  return Math.abs(Number(coordinateAt(domain, index)) - value) <= ROUNDING * step ? coordinateAt(domain, index) : null;
}

/** Any coordinate: for a dimension that has no value. */
const anyOf = (domain: Domain): Coordinate =>
  domain.kind === 'number' && domain.step === null ? domain.low : coordinateAt(domain, 0);

/**
 * The point whose axes have these values: each axis that has a value there, and no other. Of a union, the first subspace that has it. Complains with pointers into `axes`.
 */
export function locate(
  space: SampleSpace,
  axes: Readonly<Record<string, unknown>>,
): { raw: Raw } | { complaints: PointerComplaint[] } {
  const { dimensions } = space;
  const at = (path: string, detail: string): PointerComplaint => ({ pointer: jsonPointer(['axes', path]), detail });
  const complaints: PointerComplaint[] = [];
  for (const [path, value] of Object.entries(axes)) {
    const found = dimensions.filter(({ name }) => name === path);
    if (found.length === 0) complaints.push(at(path, 'is no axis of the space that can be chosen'));
    else if (found.every(({ domain }) => coordinateOf(domain, value) === null))
      complaints.push(at(path, `${JSON.stringify(value)} is not one of its values`));
  }
  if (complaints.length > 0) return { complaints };
  const [first] = dimensions;
  const subspaces = first?.name === 'subspace' ? domainSize(first.domain) : 1;
  for (let subspace = 0; subspace < subspaces; subspace++) {
    const raw = dimensions.map(({ name, domain }, i): Coordinate => {
      if (i === 0 && subspaces > 1) return subspace;
      return (Object.hasOwn(axes, name) ? coordinateOf(domain, axes[name]) : null) ?? anyOf(domain);
    });
    const { coordinates, candidate } = space.settle(raw);
    const active = dimensions.flatMap(({ name }, i) =>
      coordinates[i] === null || (i === 0 && subspaces > 1) ? [] : [name],
    );
    const missing = active.filter((path) => !Object.hasOwn(axes, path));
    const other = Object.keys(axes).filter((path) => !active.includes(path) || !same(candidate.axes[path], axes[path]));
    if (missing.length + other.length === 0) return { raw };
    if (subspace === 0)
      complaints.push(
        ...missing.map((path) => at(path, 'needs a value')),
        ...other.map((path) => at(path, 'has no such value beside the others: leave it out, or change them')),
      );
  }
  return { complaints };
}
