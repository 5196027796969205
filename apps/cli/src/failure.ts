/** How a command ends when it does not end well: one sentence that says what to do, and an exit code. */

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

export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}
