/** The space of a spec as its subspaces, with pointers into the submitted spec. */
import { type Axis, jsonPointer, type Spec } from '@ablate/contracts';

export type Subspace = { axes: [path: string, axis: Axis][]; pointer: (axis: string) => string };

/** A point before its defaults are filled in: its value on each axis of its subspace. */
export type Candidate = { subspace: Subspace; axes: Record<string, unknown> };

/** A spec without axes has one subspace with one point. */
export const subspaces = ({ space }: Spec): Subspace[] =>
  Array.isArray(space)
    ? space.map((axes, i) => ({
        axes: Object.entries(axes),
        pointer: (axis) => jsonPointer(['space', String(i), axis]),
      }))
    : [{ axes: Object.entries(space), pointer: (axis) => jsonPointer(['space', axis]) }];
