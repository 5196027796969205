import type { Api } from '@ablate/client';
import type { Command } from 'commander';
import type { CliEnv } from './env.ts';

/**
 * The context of a command. A command imports what it needs when it runs, so that `--help` and an invalid command line are
 * answered at once.
 */
export type Context = {
  /** Parsed when a command first needs it, so that `--help` works in an invalid environment. */
  env: () => Promise<CliEnv>;
  /** Writes a result to stdout, safe for a terminal. */
  print: (text: string) => void;
  /** Writes text for other programs to stdout, unchanged unless stdout is a terminal. */
  write: (text: string) => void;
  /** Writes progress or a note to stderr, safe for a terminal. */
  log: (text: string) => void;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
};

/** Adds one command to the program. `program.ts` lists them. */
export type Register = (program: Command, context: Context) => void;

/** The API at the configured address. */
export async function apiOf({ env, signal }: Context): Promise<Api> {
  const [{ apiUrl }, { openApi }] = await Promise.all([env(), import('@ablate/client')]);
  return openApi(apiUrl, { signal });
}

/** The examples at the end of a command's help, each without `ablate`. */
export const examples = (...lines: [string, ...string[]]): string =>
  `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  $ ablate ${line}`).join('\n')}`;

/** Characters that JSON leaves as they are and that are not safe for a terminal. */
const UNSAFE_IN_JSON = /[\u007F-\u009F\u2028\u2029]|\p{Cf}/gu;
const escaped = (c: string): string =>
  Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');

/** JSON on one line, whose text is safe for a terminal. */
export const asJsonLine = (value: unknown): string => JSON.stringify(value).replace(UNSAFE_IN_JSON, escaped);

export const asJson = (value: unknown): string => JSON.stringify(value, null, 2).replace(UNSAFE_IN_JSON, escaped);
