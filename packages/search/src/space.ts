/** The space of a spec as its subspaces, with pointers into the submitted spec. */
import { type Axis, jsonPointer, type Spec } from '@ablate/contracts';

export type Subspace = { axes: [path: string, axis: Axis][]; pointer: (axis: string) => string };

/** A point before its defaults are filled in: its value on each axis of its subspace. */
export type Candidate = { subspace: Subspace; axes: Record<string, unknown> };

/** A search method with its parameters. Pure: it makes the same candidates in the same order every time. */
export type Method = {
  candidates(subspaces: readonly Subspace[]): Iterable<Candidate>;
  /** Maximum number of candidates with distinct configs, known before any is made. */
  size(subspaces: readonly Subspace[]): number;
  /** Number of distinct configs after which the search ends. */
  wanted: number;
  /** Whether an axis may be a range. */
  acceptsRanges: boolean;
  /** Whether the points are all of the space: then a baseline must be among them. */
  isExhaustive: boolean;
  /** The part of a spec that makes a search too large, and what to do. */
  tooLarge: { pointer: string; remedy: string };
};

/** A spec without axes has one subspace with one point. */
export const subspaces = ({ space }: Spec): Subspace[] =>
  Array.isArray(space)
    ? space.map((axes, i) => ({
        axes: Object.entries(axes),
        pointer: (axis) => jsonPointer(['space', String(i), axis]),
      }))
    : [{ axes: Object.entries(space), pointer: (axis) => jsonPointer(['space', axis]) }];
