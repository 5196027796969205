/** Why a trainer process exited: from its exit code, signal, last output and the kernel's counters. */
import { type Cause, isOutOfMemory, usedMemory } from '@ablate/contracts';

export type TrainerExit = {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of its standard error. */
  stderr: string;
  /** Processes that the kernel killed because memory ran out while this one was alive. */
  oomKills: number;
  /** Peak resident memory; null if the kernel does not count it. */
  peakBytes: number | null;
  /** The limit in bytes, if the worker killed it for exceeding the limit. */
  overLimit?: number;
};

const lastLines = (text: string): string => text.trim().split('\n').slice(-8).join('\n');

/** Cause and message for an exit that the worker did not request. */
export function explainExit({ code, signal, stderr, oomKills, peakBytes, overLimit }: TrainerExit): {
  cause: Cause;
  message: string;
} {
  const how = signal === null ? `with code ${code}` : `on ${signal}`;
  const output = stderr.trim() === '' ? '' : `: ${lastLines(stderr)}`;
  if (overLimit !== undefined)
    return {
      cause: 'out_of_memory',
      message: `the trainer was killed at the limit of ${Math.round(overLimit / 2 ** 20)} MiB (ABLATE_MEMORY_MIB)${usedMemory(peakBytes)}: use a smaller batch or model, or raise the limit`,
    };
  if (signal === 'SIGKILL' && oomKills > 0)
    return {
      cause: 'out_of_memory',
      message: `the kernel killed the trainer because memory ran out${usedMemory(peakBytes)}: use a smaller batch or model, or a machine with more memory`,
    };
  if (isOutOfMemory(stderr))
    return {
      cause: 'out_of_memory',
      message: `the trainer ran out of memory and exited ${how}${usedMemory(peakBytes)}${output}`,
    };
  return { cause: 'lost', message: `the trainer exited ${how}${output}` };
}
