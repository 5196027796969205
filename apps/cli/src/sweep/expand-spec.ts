/** A spec, checked and expanded without the API. */
import { type PointerComplaint, pointerComplaints, Spec, UserError, zodComplaints } from '@ablate/contracts';
import { expand, type Point } from '@ablate/search';

/** The error that names each invalid field. */
export const invalidSpec = (file: string, complaints: readonly PointerComplaint[]): UserError =>
  new UserError(
    [
      `${file} is not a valid spec:`,
      ...complaints.map(({ pointer, detail }) => `  ${pointer || '(root)'}: ${detail}`),
    ].join('\n'),
    'usage',
  );

/** The spec with its defaults, and its configs. @throws UserError naming each invalid field */
export function expandSpec(file: string, written: unknown): { spec: Spec; points: Point[] } {
  const spec = Spec.safeParse(written);
  if (!spec.success) throw invalidSpec(file, pointerComplaints(zodComplaints(spec.error)));
  const expansion = expand(spec.data);
  if ('complaints' in expansion) throw invalidSpec(file, expansion.complaints);
  return { spec: spec.data, points: expansion.points };
}
