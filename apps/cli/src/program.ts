/** The commands of `ablate`. */
import { Command } from 'commander';
import type { Context, Register } from './command.ts';
import { answer } from './commands/answer.ts';
import { ask, tell } from './commands/ask-tell.ts';
import { augment } from './commands/augment.ts';
import { checkpoints, download, pin, unpin } from './commands/checkpoints.ts';
import { compare } from './commands/compare.ts';
import { data } from './commands/data.ts';
import { decisions } from './commands/decisions.ts';
import { doctor } from './commands/doctor.ts';
import { events } from './commands/events.ts';
import { gc } from './commands/gc.ts';
import { importSpec } from './commands/import.ts';
import { list } from './commands/list.ts';
import { owners } from './commands/owners.ts';
import { cancel, pause, resume } from './commands/pause-resume-cancel.ts';
import { plan } from './commands/plan.ts';
import { retry } from './commands/retry.ts';
import { set } from './commands/set.ts';
import { show } from './commands/show.ts';
import { sql } from './commands/sql.ts';
import { study } from './commands/study.ts';
import { submit } from './commands/submit.ts';
import { EXIT_CODES_HELP } from './failure.ts';
import { modelCommands } from './model/commands.ts';

/** In the order of `ablate --help`. */
const commands: Register[] = [
  submit,
  plan,
  importSpec,
  list,
  show,
  answer,
  compare,
  decisions,
  ask,
  tell,
  set,
  pause,
  resume,
  cancel,
  retry,
  owners,
  sql,
  study,
  data,
  augment,
  events,
  checkpoints,
  download,
  pin,
  unpin,
  gc,
  doctor,
  ...modelCommands,
];

/** The program with all its commands. It throws CommanderError instead of exiting. */
export function buildProgram(context: Context): Command {
  const program = new Command('ablate')
    .description('Vision ablations: submit sweeps, watch them train, query the results.')
    .showHelpAfterError('(use --help for usage)')
    .addHelpText('after', EXIT_CODES_HELP)
    // Before the commands, which inherit it.
    .configureOutput({
      writeOut: (text) => context.print(text.replace(/\n$/, '')),
      writeErr: (text) => context.log(text.replace(/\n$/, '')),
    })
    .exitOverride();
  for (const register of commands) register(program, context);
  return program;
}
