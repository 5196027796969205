import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { writeAtomicallySync } from './atomic.ts';
import { isMissing } from './missing.ts';

/** Reads a small JSON file that `writeState` wrote; null if it is missing. Throws, naming the file, if it is damaged. */
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
  } catch (cause) {
    throw new Error(`${path} is damaged: move it away and start again`, { cause });
  }
}

/** Writes JSON that only the owner can read: state files hold passwords. */
export const writeState = (path: string, value: unknown): void =>
  writeAtomicallySync(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
