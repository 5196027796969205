/** `npm run bench -- <name> [options]`: runs bench/<name>.ts; without a name, lists the benches. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../bench');

/** Each bench, with the first line of its opening comment. */
const benches = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => {
      const source = readFileSync(join(folder, file), 'utf8');
      return [file.slice(0, -3), /^\/\*\*\s*(?:\*\s*)?(.*?)\s*(?:\*\/)?$/m.exec(source)?.[1] ?? ''];
    }),
);

const [name, ...options] = process.argv.slice(2);
const wantsList = name === undefined || name === '--help' || name === '-h';

if (wantsList || !benches.has(name)) {
  const width = Math.max(...[...benches.keys()].map((bench) => bench.length));
  const lines = [...benches].map(([bench, what]) => `  ${bench.padEnd(width)}  ${what}`);
  const head = wantsList ? 'npm run bench -- <name> [options]' : `unknown bench "${name}"`;
  console[wantsList ? 'log' : 'error'](`${head}\n\n${lines.join('\n')}\n\nOptions: npm run bench -- <name> --help`);
  process.exit(wantsList ? 0 : 1);
}

const child = spawn(process.execPath, ['--import', 'tsx', join(folder, `${name}.ts`), ...options], {
  stdio: 'inherit',
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`bench ${name} did not start: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGTERM']));
