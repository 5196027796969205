/** The axes of a spec, with pointers into it. */
import { type Axis, jsonPointer, type Spec } from '@ablate/contracts';

/** The axes of one subspace. */
export type Axes = { axes: [path: string, axis: Axis][]; pointer: (axis: string) => string };

/** One for each subspace; one without axes if the spec has none. */
export const writtenAxes = ({ space }: Pick<Spec, 'space'>): Axes[] =>
  Array.isArray(space)
    ? space.map((axes, i) => ({
        axes: Object.entries(axes),
        pointer: (axis) => jsonPointer(['space', String(i), axis]),
      }))
    : [{ axes: Object.entries(space), pointer: (axis) => jsonPointer(['space', axis]) }];
