/** A spec file, read and expanded without the API. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type PointerComplaint, pointerComplaints, readJson, Spec, UserError, zodComplaints } from '@ablate/contracts';
import { expand, type Point } from '@ablate/search';

const MAX_SPEC_BYTES = 4 * 2 ** 20;

/** The JSON of a file; `-` reads stdin. @throws UserError if it cannot be read or is not JSON */
export async function readSpec(file: string): Promise<unknown> {
  let written: string;
  try {
    written = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${error instanceof Error ? error.message : error}`, 'usage');
  }
  if (written.length > MAX_SPEC_BYTES)
    throw new UserError(`${file} is too large for a spec: the limit is ${MAX_SPEC_BYTES} bytes`, 'usage');
  if (written.includes('\0') || written.includes('\uFFFD'))
    throw new UserError(`${file} is not UTF-8 text: save it as UTF-8`, 'usage');
  const read = readJson(written);
  if ('malformed' in read) throw new UserError(`${file} is not valid JSON: ${read.malformed}`, 'usage');
  if ('complaints' in read) throw invalid(file, pointerComplaints(read.complaints));
  return read.value;
}

const invalid = (file: string, complaints: readonly PointerComplaint[]): UserError =>
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
  if (!spec.success) throw invalid(file, pointerComplaints(zodComplaints(spec.error)));
  const expansion = expand(spec.data);
  if ('complaints' in expansion) throw invalid(file, expansion.complaints);
  return { spec: spec.data, points: expansion.points };
}
