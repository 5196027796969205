/** The space of a spec as its subspaces, with pointers into the submitted spec. */
import type { PointerComplaint, Spec } from '@ablate/contracts';
import { type Axes, writtenAxes } from './axes.ts';
import { type Domain, domainOf } from './domain.ts';
import { expressionReader } from './expression.ts';
import { type Rules, readRules } from './rules.ts';

/** `domains`: those of the axes that are not links. */
export type Subspace = Axes & { domains: [path: string, domain: Domain][]; rules: Rules };

/** A point before its defaults are filled in: its value on each axis of its subspace. */
export type Candidate = { subspace: Subspace; axes: Record<string, unknown> };

/** What a method makes of a subspace: a candidate, or why an expression has no value. */
export type Drawn = Candidate | { complaint: PointerComplaint };

/** A search method with its parameters. Pure: it makes the same candidates in the same order every time. */
export type Method = {
  candidates(subspaces: readonly Subspace[]): Iterable<Drawn>;
  /** Maximum number of candidates with distinct configs, known before any is made; counting may end at `enough`. */
  size(subspaces: readonly Subspace[], enough: number): number;
  /** Number of distinct configs after which the search ends. */
  wanted: number;
  /** Whether an axis may be a continuous range. */
  acceptsRanges: boolean;
  /** Whether the points are all of the space: then a baseline must be among them. */
  isExhaustive: boolean;
  /** Whether points that break a rule are skipped, as long as others are valid. */
  skipsInvalid?: boolean;
  /** The part of a spec that makes a search too large, and what to do. */
  tooLarge: { pointer: string; remedy: string };
};

/** A spec without axes has one subspace with one point. Complains about expressions. */
export function readSubspaces(
  spec: Pick<Spec, 'space' | 'dataset' | 'model' | 'train' | 'augment'>,
): { subspaces: Subspace[] } | { complaints: PointerComplaint[] } {
  const read = expressionReader();
  const complaints: PointerComplaint[] = [];
  const subspaces = writtenAxes(spec).flatMap((axes): Subspace[] => {
    const rules = readRules(spec, axes, read);
    if ('complaints' in rules) {
      complaints.push(...rules.complaints);
      return [];
    }
    const domains = axes.axes.flatMap(([path, axis]): [string, Domain][] => {
      const domain = domainOf(axis);
      return domain ? [[path, domain]] : [];
    });
    return [{ ...axes, domains, rules }];
  });
  return complaints.length > 0 ? { complaints } : { subspaces };
}
