/** A space as samplers see it: numbered dimensions, and points that are valid and known by a hash. */
import { canonicalJson, type PointerComplaint } from '@ablate/contracts';
import { axisValue, type Coordinate, type Domain, domainSize } from '../domain.ts';
import type { Candidate, Subspace } from '../space.ts';

/** `group`: dimensions of one group have a value in the same points, or none of them has. */
export type Dimension = { name: string; domain: Domain; group: string };

/** A value for every dimension, whether or not it is active. */
export type Raw = readonly Coordinate[];

/** `coordinates`: null where a dimension has no value. */
type Settled = { raw: Raw; coordinates: readonly (Coordinate | null)[]; candidate: Candidate };

/** `hash` is that of the config: equal for points that mean the same. */
export type Point = Settled & { hash: string };

export type SampleSpace = {
  dimensions: readonly Dimension[];
  /** Which dimensions of a point are active. @throws RangeError where an expression has no value, which `expand` has checked */
  settle(raw: Raw): Settled;
  /** The point, or null if a constraint or a rule rejects it. */
  complete(settled: Settled): Point | null;
};

/** The hash of a candidate's config; null if it is not valid. */
export type Complete = (candidate: Candidate) => string | null;

const refuse = ({ pointer, detail }: PointerComplaint): never => {
  throw new RangeError(`${pointer}: ${detail}`);
};

/**
 * The dimensions of a union of subspaces: which subspace, if there are several, then their axes. An axis that several subspaces write alike is
 * one dimension.
 */
export function openSampleSpace(subspaces: readonly Subspace[], complete: Complete): SampleSpace {
  const dimensions: Dimension[] = [];
  const numbers = new Map<string, number>();
  const homes = new Map<number, number[]>();
  if (subspaces.length > 1)
    dimensions.push({ name: 'subspace', domain: { kind: 'choice', values: subspaces.map((_, i) => i) }, group: '' });
  const columns = subspaces.map(({ domains, rules }, i) =>
    domains.map(([path, domain]): [string, Domain, number] => {
      const key = canonicalJson([path, { ...domain, count: null }, rules.conditionOf(path)]);
      let number = numbers.get(key);
      if (number === undefined) {
        number = dimensions.length;
        numbers.set(key, number);
        dimensions.push({ name: path, domain, group: rules.conditionOf(path) });
      }
      homes.set(number, [...(homes.get(number) ?? []), i]);
      return [path, domain, number];
    }),
  );
  for (const [number, of] of homes) {
    const dimension = dimensions[number]!;
    if (of.length < subspaces.length)
      dimensions[number] = { ...dimension, group: `${of.join(' ')} ${dimension.group}` };
  }
  return {
    dimensions,
    settle(raw) {
      const chosen = subspaces.length > 1 ? Number(raw[0]) : 0;
      const subspace = subspaces[chosen]!;
      const values: Record<string, unknown> = {};
      for (const [path, domain, number] of columns[chosen]!) values[path] = axisValue(domain, raw[number]!);
      const settled = subspace.rules.settle(values);
      if ('complaint' in settled) return refuse(settled.complaint);
      const coordinates: (Coordinate | null)[] = dimensions.map(() => null);
      if (subspaces.length > 1) coordinates[0] = chosen;
      for (const [path, , number] of columns[chosen]!)
        if (Object.hasOwn(settled.axes, path)) coordinates[number] = raw[number]!;
      return { raw, coordinates, candidate: { subspace, axes: settled.axes } };
    },
    complete(settled) {
      const hash = complete(settled.candidate);
      return hash === null ? null : { ...settled, hash };
    },
  };
}

/** Dimensions with something to choose. */
export const isOpen = ({ domain }: Dimension): boolean => domainSize(domain) > 1;
