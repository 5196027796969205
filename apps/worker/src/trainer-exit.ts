/** Why a trainer process ended without a word: told from its signal, its last lines, and the kernel's own counters. */
import { readFile } from 'node:fs/promises';
import { type Cause, isOutOfMemory, usedMemory } from '@ablate/contracts';

export type TrainerExit = {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Last lines of its standard error. */
  stderr: string;
  /** Processes that the kernel killed for want of memory while it lived. */
  oomKills: number;
  /** Most resident memory that it was seen with; null where the kernel does not tell. */
  peakBytes: number | null;
  /** The limit in bytes for which its worker killed it. */
  overLimit?: number;
};

const COUNTERS = ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control', '/proc/vmstat'];

/** How often the kernel has killed for want of memory so far; 0 where it keeps no such count (macOS). */
export async function countOomKills(): Promise<number> {
  const counts = await Promise.all(
    COUNTERS.map(async (path) => {
      const text = await readFile(path, 'utf8').catch(() => '');
      return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
    }),
  );
  return Math.max(...counts);
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-8).join('\n');

/** The cause and the message for an exit that nobody asked for. */
export function explainExit({ code, signal, stderr, oomKills, peakBytes, overLimit }: TrainerExit): {
  cause: Cause;
  message: string;
} {
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  const said = stderr.trim() === '' ? '' : `: ${lastLines(stderr)}`;
  if (overLimit !== undefined)
    return {
      cause: 'out_of_memory',
      message: `the trainer was ended at the ${Math.round(overLimit / 2 ** 20)} MiB that ABLATE_MEMORY_MIB allows${usedMemory(peakBytes)}: use a smaller batch or model, or allow more`,
    };
  if (signal === 'SIGKILL' && oomKills > 0)
    return {
      cause: 'out_of_memory',
      message: `the kernel killed the trainer for want of memory${usedMemory(peakBytes)}: use a smaller batch or model, or a machine with more memory`,
    };
  if (isOutOfMemory(stderr))
    return {
      cause: 'out_of_memory',
      message: `the trainer ran out of memory and ended ${how}${usedMemory(peakBytes)}${said}`,
    };
  return { cause: 'lost', message: `the trainer ended ${how}${said}` };
}
