/** Conditions that no point of a grid fulfils: a mistake in the spec. */
import type { PointerComplaint } from '@ablate/contracts';
import type { Candidate, Subspace } from './space.ts';

export function watchConditions(subspaces: readonly Subspace[]) {
  const waiting = new Map(
    subspaces.map((subspace) => {
      const conditional = subspace.axes.filter(([, axis]) => !Array.isArray(axis) && axis.when !== undefined);
      return [subspace, new Set(conditional.map(([path]) => path))];
    }),
  );
  return {
    see({ subspace, axes }: Candidate): void {
      const paths = waiting.get(subspace);
      for (const path of paths ?? []) if (Object.hasOwn(axes, path)) paths?.delete(path);
    },
    /** Complaints about the axes that no candidate had. */
    unfulfilled: (): PointerComplaint[] =>
      [...waiting].flatMap(([{ pointer }, paths]) =>
        [...paths].map((path) => ({
          pointer: `${pointer(path)}/when`,
          detail: 'no point fulfils this condition: correct it, or remove the axis',
        })),
      ),
  };
}
