import { type Api, openApi } from '@ablate/client';
import type { Command } from 'commander';
import type { CliEnv } from './env.ts';

/** The context of a command. */
export type Context = {
  /** Parsed when a command first needs it, so that `--help` works in an invalid environment. */
  env: () => Promise<CliEnv>;
  /** Writes a result to stdout. */
  print: (text: string) => void;
  /** Writes progress or a note to stderr. */
  log: (text: string) => void;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
};

/** Adds one command to the program. `program.ts` lists them. */
export type Register = (program: Command, context: Context) => void;

/** The API at the configured address. */
export const apiOf = async ({ env, signal }: Context): Promise<Api> => openApi((await env()).apiUrl, { signal });

/** The examples at the end of a command's help, each without `ablate`. */
export const examples = (...lines: [string, ...string[]]): string =>
  `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  $ ablate ${line}`).join('\n')}`;

export const asJson = (value: unknown): string => JSON.stringify(value, null, 2);
