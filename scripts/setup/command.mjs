import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const FIRST_LINES = 6; // npm prints the reason first, compilers and pip print it last
const LAST_LINES = 12;

/** An error that a user can act on: printed without a stack. */
export class SetupError extends Error {}

/** @typedef {{ cwd?: string, env?: Record<string, string | undefined>, remedy: string }} CommandOptions */

/** @type {(output: string) => string} */
function excerpt(output) {
  const lines = output.trimEnd().split('\n');
  const few = lines.length <= FIRST_LINES + LAST_LINES;
  const shown = few ? lines : [...lines.slice(0, FIRST_LINES), '…', ...lines.slice(-LAST_LINES)];
  return shown.map((line) => `    ${line}`).join('\n');
}

/**
 * A runner of commands that appends their output to a log file. If a command fails, the error has an excerpt of it.
 * @type {(log: string) => (command: string, args: string[], options: CommandOptions) => Promise<void>}
 */
export const commandRunner =
  (log) =>
  (command, args, { cwd, env, remedy }) =>
    new Promise((resolve, reject) => {
      mkdirSync(dirname(log), { recursive: true });
      /** @type {(text: string) => void} */
      const write = (text) => appendFileSync(log, text, { mode: 0o600 });
      write(`\n${new Date().toISOString()} ${[command, ...args].join(' ')}\n`);
      const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => {
          write(text); // lines of concurrent commands are interleaved
          output += text;
        });
      /** @type {(what: string) => void} */
      const fail = (what) =>
        reject(
          new SetupError(`${command} ${args[0] ?? ''}: ${what}\n${excerpt(output)}\n${remedy} (full output: ${log})`),
        );
      child.once('error', (error) => fail(error.message));
      child.once('close', (code, signal) =>
        code === 0 ? resolve() : fail(signal ? `killed by ${signal}` : `exit code ${code}`),
      );
    });

/**
 * The output of a command; null if it is missing or fails.
 * @type {(command: string, args: string[]) => string | null}
 */
export function answer(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  return status === 0 ? stdout.trim() : null;
}
