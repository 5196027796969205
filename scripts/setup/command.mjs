import { spawn, spawnSync } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const FIRST_LINES = 6; // npm says the reason first and then much else, compilers and pip say it last
const LAST_LINES = 12;

/** What a user can act on: shown without a stack. */
export class SetupError extends Error {}

/** @typedef {{ cwd?: string, env?: Record<string, string | undefined>, remedy: string }} CommandOptions */

/**
 * Returns a runner of commands whose output goes to one log file, its last lines to the error when a command fails.
 * @type {(log: string) => (command: string, args: string[], options: CommandOptions) => Promise<void>}
 */
export const commandRunner =
  (log) =>
  (command, args, { cwd, env, remedy }) =>
    new Promise((resolve, reject) => {
      mkdirSync(dirname(log), { recursive: true });
      const output = openSync(log, 'a', 0o600);
      writeSync(output, `\n${new Date().toISOString()} ${[command, ...args].join(' ')}\n`);
      const from = fstatSync(output).size;
      const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', output, output] });
      closeSync(output);
      /** @type {(what: string) => void} */
      const fail = (what) => {
        const lines = readFileSync(log).subarray(from).toString('utf8').trimEnd().split('\n');
        const shown =
          lines.length <= FIRST_LINES + LAST_LINES
            ? lines
            : [...lines.slice(0, FIRST_LINES), '…', ...lines.slice(-LAST_LINES)];
        reject(
          new SetupError(
            `${command} ${args[0] ?? ''}: ${what}\n${shown.map((line) => `    ${line}`).join('\n')}\n${remedy} (all of it: ${log})`,
          ),
        );
      };
      child.once('error', (error) => fail(error.message));
      child.once('exit', (code, signal) =>
        code === 0 ? resolve() : fail(signal ? `ended by ${signal}` : `exit code ${code}`),
      );
    });

/**
 * What a command prints; null when it does not exist or fails.
 * @type {(command: string, args: string[]) => string | null}
 */
export function answer(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  return status === 0 ? stdout.trim() : null;
}
