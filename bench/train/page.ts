/** Figures in documents stand between two lines, so that a command can put new ones in their place. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Replaces the text between the markers in docs/<page>. Throws if the page has no markers. */
export function writeBetween(page: string, [start, end]: readonly [string, string], text: string): void {
  const file = resolve(import.meta.dirname, '../../docs', page);
  const old = readFileSync(file, 'utf8');
  const [from, to] = [old.indexOf(start), old.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no lines "${start}" and "${end}"`);
  writeFileSync(file, `${old.slice(0, from + start.length)}\n${text}\n${old.slice(to)}`);
}
