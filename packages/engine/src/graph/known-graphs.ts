/**
 * Graphs that were recorded twice and came out the same, by name, as hashes in the home folder. A process that records one of them
 * again has recorded it a second time, and need not repeat itself.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '../env.ts';

/** More are forgotten together: that costs each of them a second recording. */
const MOST = 2_000;

const sha256 = (value: string | Uint8Array): string => createHash('sha256').update(value).digest('hex');
const folder = (): string => join(settings().home, 'graphs');

/** Whether `graph` is what was recorded under this name before, by this process or an earlier one. */
export function isKnownGraph(name: string, graph: Uint8Array): boolean {
  try {
    return readFileSync(join(folder(), sha256(name)), 'utf8') === sha256(graph);
  } catch {
    return false; // missing, or not readable
  }
}

/** Remember a graph that two recordings gave. Without a folder to write to, nothing is remembered. */
export function rememberGraph(name: string, graph: Uint8Array): void {
  const path = join(folder(), sha256(name));
  try {
    mkdirSync(folder(), { recursive: true });
    if (readdirSync(folder()).length >= MOST) rmSync(folder(), { recursive: true, force: true });
    mkdirSync(folder(), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, sha256(graph));
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // A read-only home: the next process records twice again.
  }
}
