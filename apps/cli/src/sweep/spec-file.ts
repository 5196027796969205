/** A spec file, read and expanded without the API. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { jsonPointer, Spec, zodComplaints } from '@ablate/contracts';
import { expand, type Point } from '@ablate/search';
import { EXIT, Failure } from '../failure.ts';

const MAX_SPEC_BYTES = 4 * 2 ** 20;

/** What a file holds, - being stdin. @throws Failure unless it is JSON */
export async function readSpec(file: string): Promise<unknown> {
  let written: string;
  try {
    written = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${error instanceof Error ? error.message : error}`, EXIT.usage);
  }
  if (written.length > MAX_SPEC_BYTES) throw new Failure(`${file} is larger than ${MAX_SPEC_BYTES} bytes`, EXIT.usage);
  try {
    return JSON.parse(written);
  } catch (error) {
    throw new Failure(`${file} is not JSON: ${error instanceof Error ? error.message : error}`, EXIT.usage);
  }
}

export const refuse = (file: string, complaints: readonly { pointer: string; detail: string }[]): Failure =>
  new Failure(
    [
      `${file} cannot be run:`,
      ...complaints.map(({ pointer, detail }) => `  ${pointer || '(the whole)'}: ${detail}`),
    ].join('\n'),
    EXIT.usage,
  );

/** The spec with its defaults, and its points. @throws Failure naming everything that is wrong */
export function expandSpec(file: string, written: unknown): { spec: Spec; points: Point[] } {
  const spec = Spec.safeParse(written);
  if (!spec.success) {
    const complaints = zodComplaints(spec.error);
    throw refuse(
      file,
      complaints.map(({ path, message }) => ({ pointer: jsonPointer(path), detail: message })),
    );
  }
  const expansion = expand(spec.data);
  if ('complaints' in expansion) throw refuse(file, expansion.complaints);
  return { spec: spec.data, points: expansion.points };
}
