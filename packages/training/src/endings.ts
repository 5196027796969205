/** The ways in which training ends early, and the cause that the attempt's row gets. */
import { type Cause, isOutOfMemory, type StopCommand, usedMemory } from '@ablate/contracts';

/** A loss is NaN or infinite. */
export class Diverged extends Error {}

/** The worker requested a stop. */
export class Stopped extends Error {
  readonly reason: StopCommand['cause'];
  constructor(reason: StopCommand['cause']) {
    super(`training was ${reason}`);
    this.reason = reason;
  }
}

/** Characters of a message that are kept; `TrainerEvent` allows 20,000. */
const MAX_MESSAGE = 19_900;

/** System errors that come from the machine, not from the run: a retry on another worker, or later, may succeed. */
const MACHINE_ERRORS = new Set([
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

/** The cause and message for an error that ended training. Unknown errors are `user_error`: a retry would fail in the same way. */
export function failureOf(error: unknown): { cause: Cause; message: string } {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE);
  if (error instanceof Diverged) return { cause: 'diverged', message };
  if (isOutOfMemory(message))
    return { cause: 'out_of_memory', message: message + usedMemory(process.resourceUsage().maxRSS * 1024) };
  if (MACHINE_ERRORS.has(codeOf(error) ?? '')) return { cause: 'lost', message };
  return { cause: 'user_error', message };
}
