/** `ablate`: reads the command line, runs one command, and turns what it throws into one line and an exit code. */
import { Command, CommanderError } from 'commander';
import type { Context, Register } from './command.ts';
import { augment } from './commands/augment.ts';
import { cancel } from './commands/cancel.ts';
import { checkpoints, pin, unpin } from './commands/checkpoints.ts';
import { data } from './commands/data.ts';
import { doctor } from './commands/doctor.ts';
import { events } from './commands/events.ts';
import { gc } from './commands/gc.ts';
import { list } from './commands/list.ts';
import { owners } from './commands/owners.ts';
import { pause, resume } from './commands/pause.ts';
import { retry } from './commands/retry.ts';
import { set } from './commands/set.ts';
import { show } from './commands/show.ts';
import { sql } from './commands/sql.ts';
import { submit } from './commands/submit.ts';
import { readCliEnv } from './env.ts';
import { EXIT, EXIT_CODES_HELP, explainError } from './failure.ts';
import { modelCommands } from './model/commands.ts';

const commands: Register[] = [
  submit,
  list,
  show,
  set,
  pause,
  resume,
  cancel,
  retry,
  owners,
  sql,
  data,
  augment,
  events,
  checkpoints,
  pin,
  unpin,
  gc,
  doctor,
  ...modelCommands,
];

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort()); // a second Ctrl-C ends the process at once
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done); // the reader, `head` say, has seen enough
  throw error;
});

const context: Context = {
  env: () => readCliEnv(process.env),
  print: (text) => void process.stdout.write(`${text}\n`),
  say: (text) => void process.stderr.write(`${text}\n`),
  signal: interrupted.signal,
};

const program = new Command('ablate')
  .description('Vision ablations: submit sweeps, watch them train, ask for the answer.')
  .showHelpAfterError('(--help tells more)')
  .addHelpText('after', EXIT_CODES_HELP)
  .exitOverride();
for (const register of commands) register(program, context);

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage; // commander has said it
  if (interrupted.signal.aborted) return EXIT.interrupted;
  const { message, exitCode } = explainError('ablate', error);
  context.say(message);
  return exitCode;
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
