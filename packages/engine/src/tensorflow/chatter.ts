/**
 * TensorFlow prints greetings on file descriptor 2 from native code, at every log level.
 * While it loads, descriptor 2 is a file; afterwards every line that is not a known greeting goes to the real stderr.
 * If loading kills the process, the file stays, and the next start prints it, so that nothing is lost.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { identify, isMissing } from '@ablate/files';

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

// A process id is unique to a host or container, and several of them may share the folder.
const prefix = `${hostname()}-`;

/** Claim a file by renaming it, and return its text; null if another process claimed it first. */
function take(path: string): string | null {
  const own = `${path}.${process.pid}`;
  try {
    renameSync(path, own);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  const text = readFileSync(own, 'utf8');
  rmSync(own);
  return text;
}

/** Print what earlier processes of this host printed before they died while loading. */
function printEarlierCrashes(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix) || !name.endsWith('.log')) continue;
    const pid = Number(name.slice(prefix.length, -'.log'.length));
    if (!pid || pid === process.pid || identify(pid)) continue;
    const text = take(join(folder, name))?.trim();
    if (text)
      process.stderr.write(`An earlier process (${pid}) ended while it loaded TensorFlow; it had printed:\n${text}\n`);
  }
}

/** Whether stderr can be redirected and restored. A socket cannot be reopened by path: there the parent filters with isChatter. */
function canCapture(folder: string): boolean {
  if (process.platform !== 'linux' || fstatSync(STDERR).isSocket()) return false;
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false; // no writable folder: the greetings are shown
  }
}

/**
 * Run `load` with the greetings filtered out of stderr; everything else that it prints appears when it returns or throws.
 * `home` is the folder that keeps the captured text meanwhile, in `loading`.
 */
export function quietly<T>(home: string, load: () => T): T {
  const folder = join(home, 'loading');
  if (!canCapture(folder)) return load();
  printEarlierCrashes(folder);
  const file = join(folder, `${prefix}${process.pid}.log`);
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
