import type { Command } from 'commander';
import type { CliEnv } from './env.ts';

/** What a command is given. */
export type Context = {
  /** Read when a command needs it, so that `--help` works whatever the environment holds. */
  env: () => Promise<CliEnv>;
  /** Writes to stdout: answers. */
  print: (text: string) => void;
  /** Writes to stderr: progress and notes. */
  say: (text: string) => void;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
};

/** Adds one command to the program; `main.ts` lists them. */
export type Register = (program: Command, context: Context) => void;
