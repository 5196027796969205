import { existsSync, fchmodSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makePrivateFolder } from '@ablate/files';

const KEEP_BYTES = 10 * 1024 * 1024;

/** Opens a log for appending; the caller closes the descriptor. A log of more than 10 MiB becomes `<path>.1` first. */
export function openLog(path: string): number {
  makePrivateFolder(dirname(path));
  if (existsSync(path) && statSync(path).size > KEEP_BYTES) renameSync(path, `${path}.1`);
  const log = openSync(path, 'a', 0o600);
  fchmodSync(log, 0o600); // of an older log, too
  return log;
}

/** What was appended after the first `from` bytes, at most the last `lines` lines. */
export const tailLog = (path: string, from: number, lines: number): string =>
  readFileSync(path).subarray(from).toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
