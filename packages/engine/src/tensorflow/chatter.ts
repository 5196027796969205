/**
 * TensorFlow greets on file descriptor 2 from native code, whatever its log level.
 * While it is loaded, descriptor 2 leads to a file; afterwards every line that is not a known greeting goes to the real one.
 * If loading kills the process, the file stays, and the next start prints it: nothing is hidden.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { env } from '../env.ts';

const STDERR = 2;
const GREETINGS = [
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  /port\.cc:\d+\] oneDNN custom operations are on\./,
  /cpu_feature_guard\.cc:\d+\] This TensorFlow binary is optimized/,
  /^To enable the following instructions: .*rebuild TensorFlow with the appropriate compiler flags\.$/,
  /gpu_device\.cc:\d+\] Created device /,
  /mlir_graph_optimization_pass\.cc:\d+\]/,
];

/** Whether a line on stderr is one of the greetings that TensorFlow prints at every start. */
export const isChatter = (line: string): boolean => GREETINGS.some((greeting) => greeting.test(line));

const folder = join(env.ABLATE_HOME, 'loading');

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

function tellEarlierDeaths(): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(/^(\d+)\.log$/.exec(name)?.[1]);
    if (!pid || pid === process.pid || isAlive(pid)) continue;
    const text = readFileSync(join(folder, name), 'utf8').trim();
    rmSync(join(folder, name), { force: true });
    if (text)
      process.stderr.write(`An earlier process (${pid}) ended while it loaded TensorFlow; it had printed:\n${text}\n`);
  }
}

// A socket cannot be opened again by its path; there the parent process filters with isChatter.
const canReopen = (): boolean => process.platform === 'linux' && !fstatSync(STDERR).isSocket();

/** Run `load` with the greetings filtered out of stderr; all else that was printed appears when it returns or throws. */
export function quietly<T>(load: () => T): T {
  if (!canReopen()) return load();
  mkdirSync(folder, { recursive: true });
  tellEarlierDeaths();
  const file = join(folder, `${process.pid}.log`);
  const real = openSync('/proc/self/fd/2', 'a');
  closeSync(STDERR);
  const captured = openSync(file, 'a');
  try {
    return load();
  } finally {
    if (captured === STDERR) {
      closeSync(STDERR);
      openSync(`/proc/self/fd/${real}`, 'a');
    }
    closeSync(real);
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !isChatter(line));
    rmSync(file, { force: true });
    for (const line of lines) writeSync(STDERR, `${line}\n`);
  }
}
