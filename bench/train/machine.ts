/** The machine of a measurement, written beside the results. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import type { Machine } from './results.ts';

const loadBefore = loadavg()[0] ?? 0;

function commit(): string {
  const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short=12', 'HEAD')}${git('status', '--porcelain', '-uno') === '' ? '' : '+'}`;
  } catch {
    return 'unknown'; // a copy without git
  }
}

/** Describes this machine now. `versions` are those that the measured processes report, such as `tensorflow` and `torch`. */
export function describeMachine(versions: Record<string, string>): Machine {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadBefore,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    code: commit(),
    versions,
  };
}
