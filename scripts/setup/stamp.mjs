import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * One hash of everything that a step depends on: texts, and contents of files.
 * @type {(...inputs: (string | { file: string })[]) => string}
 */
export function fingerprint(...inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(typeof input === 'string' ? input : readFileSync(input.file)).update('\0');
  return hash.digest('hex');
}

/** @type {(path: string, print: string) => boolean} */
export const isStamped = (path, print) => existsSync(path) && readFileSync(path, 'utf8') === print;

/** A stamp lies in the folder that its step creates, and is removed with it.
 * @type {(path: string, print: string) => void} */
export function stamp(path, print) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, print);
}
