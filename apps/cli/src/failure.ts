/** Exit codes, and the message of an error. */
import { UserError, type UserErrorKind } from '@ablate/contracts/user-error';

export const EXIT = {
  done: 0,
  /** The command failed: a run failed, something is missing, the API rejected the request. */
  failed: 1,
  /** The command line, the spec or the environment is invalid. */
  usage: 2,
  /** The API or the database does not respond. */
  unreachable: 3,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes:
  ${EXIT.done}    success
  ${EXIT.failed}    failure: a run failed, the API rejected the request, or something is missing
  ${EXIT.usage}    invalid command line, spec or environment
  ${EXIT.unreachable}    the API or the database does not respond
  ${EXIT.interrupted}  interrupted by Ctrl-C`;

const EXIT_OF: Record<UserErrorKind, ExitCode> = {
  failed: EXIT.failed,
  usage: EXIT.usage,
  unreachable: EXIT.unreachable,
};

/** The message and the exit code of an error. Errors that a user cannot act on include their stack. */
export function explainError(program: string, error: unknown): { message: string; exitCode: ExitCode } {
  // The class is not imported: the client is loaded only if a command needs it.
  if (error instanceof UserError && error.name === 'Unreachable')
    return {
      message: `${error.message}: start it with \`npm start\`, or set ABLATE_API_URL`,
      exitCode: EXIT.unreachable,
    };
  if (error instanceof UserError) return { message: error.message, exitCode: EXIT_OF[error.kind] };
  return { message: `${program}: ${error instanceof Error ? error.stack : error}`, exitCode: EXIT.failed };
}
