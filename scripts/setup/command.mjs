import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const FIRST_LINES = 6; // npm says the reason first and then much else, compilers and pip say it last
const LAST_LINES = 12;

/** What a user can act on: shown without a stack. */
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
 * Returns a runner of commands whose output goes to one log file, and the gist of it to the error when a command fails.
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
          write(text); // of commands that run at the same time the lines are mixed
          output += text;
        });
      /** @type {(what: string) => void} */
      const fail = (what) =>
        reject(
          new SetupError(`${command} ${args[0] ?? ''}: ${what}\n${excerpt(output)}\n${remedy} (all of it: ${log})`),
        );
      child.once('error', (error) => fail(error.message));
      child.once('close', (code, signal) =>
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
