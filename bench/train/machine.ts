/** The machine of a measurement, written beside the results. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { describeProcessor } from '@ablate/engine/processor';
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
    instructionSets: describeProcessor(process.env.ONEDNN_MAX_CPU_ISA ?? '').instructionSets,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadBefore,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    code: commit(),
    versions,
  };
}

/** The processor in words: its model and instruction sets. */
export const processorText = ({ cpu, instructionSets }: Machine): string =>
  instructionSets ? `${cpu} (${instructionSets.join(', ')})` : cpu;
