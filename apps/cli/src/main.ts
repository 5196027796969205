/** `ablate`: runs one command, and turns what it throws into a message and an exit code. */

import { terminalText } from '@ablate/tables/visible';
import { CommanderError } from 'commander';
import type { Context } from './command.ts';
import type { CliEnv } from './env.ts';
import { EXIT, explainError } from './failure.ts';
import { buildProgram } from './program.ts';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort()); // a second Ctrl-C ends the process at once
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done); // the reader, such as `head`, closed the pipe
  throw error;
});

let env: Promise<CliEnv> | undefined;
const context: Context = {
  env: () => {
    env ??= import('./env.ts').then(({ readCliEnv }) => readCliEnv(process.env));
    return env;
  },
  print: (text) => void process.stdout.write(`${terminalText(text)}\n`),
  write: (text) => void process.stdout.write(`${process.stdout.isTTY ? terminalText(text) : text}\n`),
  log: (text) => void process.stderr.write(`${terminalText(text)}\n`),
  signal: interrupted.signal,
};

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage; // commander printed it
  if (interrupted.signal.aborted) return EXIT.interrupted;
  const { message, exitCode } = explainError('ablate', error);
  context.log(message);
  return exitCode;
}

try {
  await buildProgram(context).parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
