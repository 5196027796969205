/** A spec file, read without the API. */
import { createReadStream } from 'node:fs';
import { UserError } from '@ablate/contracts/user-error';

const MAX_SPEC_BYTES = 4 * 2 ** 20;

/** Why a file cannot be read, in the words of a user. */
const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

function cannotRead(file: string, error: unknown): UserError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  // Node.js replaces what is not UTF-8 in arguments, so that the file is not found.
  const hint = file.includes('\uFFFD') ? ', and its name is not UTF-8: rename it, or read it with `ablate … -`' : '';
  return new UserError(`cannot read ${file}: ${reason}${hint}`, 'usage');
}

/** The bytes of a file, or of stdin if it is `-`. */
async function readBytes(file: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      bytes += chunk.length;
      if (bytes > MAX_SPEC_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw cannotRead(file, error);
  }
  if (bytes > MAX_SPEC_BYTES)
    throw new UserError(`${file} is too large for a spec: the limit is ${MAX_SPEC_BYTES} bytes`, 'usage');
  return Buffer.concat(chunks);
}

/** The text of a file; a byte order mark, which editors on Windows write, is skipped. */
function decode(file: string, bytes: Uint8Array): string {
  let text: string | undefined;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // reported below
  }
  if (text === undefined || text.includes('\0'))
    throw new UserError(`${file} is not UTF-8 text: save it as UTF-8`, 'usage');
  return text;
}

/** The text of a file; `-` reads stdin. @throws UserError if it cannot be read, is too large, or is not text */
export const readText = async (file: string): Promise<string> => decode(file, await readBytes(file));

/** The JSON of a file; `-` reads stdin. @throws UserError if it cannot be read or is not JSON */
export async function readSpec(file: string): Promise<unknown> {
  const text = await readText(file);
  const { pointerComplaints, readJson } = await import('@ablate/contracts');
  const read = readJson(text);
  if ('malformed' in read) throw new UserError(`${file} is not valid JSON: ${read.malformed}`, 'usage');
  if ('complaints' in read) {
    const { invalidSpec } = await import('./expand-spec.ts');
    throw invalidSpec(file, pointerComplaints(read.complaints));
  }
  return read.value;
}
