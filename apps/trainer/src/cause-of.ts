/** Which cause an error in a trainer stands for. */
import { type Cause, isOutOfMemory, usedMemory } from '@ablate/contracts';
import { Diverged } from '@ablate/training';

const LONGEST = 19_900;

/** Errors of the machine, not of the run: another worker, or a later time, may do better. */
const OF_THE_MACHINE = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EROFS',
  'EACCES',
  'EPERM',
  'EMFILE',
  'ENFILE',
  'ETIMEDOUT',
]);

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** What is not known otherwise lies in the run: the same would happen again. */
export function causeOf(error: unknown): { cause: Cause; message: string } {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, LONGEST);
  if (error instanceof Diverged) return { cause: 'diverged', message };
  if (isOutOfMemory(message))
    return { cause: 'out_of_memory', message: message + usedMemory(process.resourceUsage().maxRSS * 1024) };
  if (OF_THE_MACHINE.has(codeOf(error) ?? '')) return { cause: 'lost', message };
  return { cause: 'user_error', message };
}
