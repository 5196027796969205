import { readFileSync } from 'node:fs';
import { UserError } from '@ablate/contracts';
import { z } from 'zod';
import { writeAtomicallySync } from './atomic.ts';
import { isMissing } from './missing.ts';

/** Reads a small JSON file that `writeState` wrote; null if it is missing. Throws UserError, naming the file, if it is damaged. */
export function readState<T>(path: string, schema: z.ZodType<T>): T | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : error;
    throw new UserError(`${path} is damaged: move it away and start again (${reason})`, 'usage');
  }
}

/** Writes a text that only the owner can read, such as one with a password. */
export const writePrivately = (path: string, text: string): void => writeAtomicallySync(path, text, { mode: 0o600 });

/** Writes JSON that only the owner can read: state files hold passwords. */
export const writeState = (path: string, value: unknown): void =>
  writePrivately(path, `${JSON.stringify(value, null, 2)}\n`);
