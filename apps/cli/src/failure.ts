/** How a command ends when it does not end well: one sentence that says what to do, and an exit code. */

import { UserError, type UserErrorKind } from '@ablate/contracts';

export const EXIT = {
  done: 0,
  /** What was asked for did not come about: a run failed, something is missing, the API refused. */
  failed: 1,
  /** The command line, the spec or the environment is wrong. */
  usage: 2,
  /** Nothing answers where the API or the database should be. */
  unreachable: 3,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes: ${EXIT.done} done; ${EXIT.failed} it did not come about (a run failed, the API refused, something is missing);
${EXIT.usage} wrong use (command line, spec, environment); ${EXIT.unreachable} nothing answers at the address; ${EXIT.interrupted} interrupted.`;

/** A command's own error, with its exit code. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

const EXIT_OF: Record<UserErrorKind, ExitCode> = {
  failed: EXIT.failed,
  usage: EXIT.usage,
  unreachable: EXIT.unreachable,
};

/** The message and the exit code of an error; its stack is part of the message where a user cannot act on it. */
export function explainError(program: string, error: unknown): { message: string; exitCode: ExitCode } {
  if (error instanceof Failure) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof UserError) return { message: error.message, exitCode: EXIT_OF[error.kind] };
  return { message: `${program}: ${error instanceof Error ? error.stack : error}`, exitCode: EXIT.failed };
}
