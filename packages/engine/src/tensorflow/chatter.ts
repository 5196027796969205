/**
 * TensorFlow greets on file descriptor 2 from native code, whatever its log level.
 * While it is loaded, descriptor 2 leads to a file; afterwards every line that is not a known greeting goes to the real one.
 * If loading kills the process, the file stays, and the next start prints it: nothing is hidden.
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
// Process ids are those of one host or container; the folder may be shared.
const prefix = `${hostname()}-`;

/** The text of a file that is this process's from now on; null if another was faster. */
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

function tellEarlierDeaths(): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix) || !name.endsWith('.log')) continue;
    const pid = Number(name.slice(prefix.length, -'.log'.length));
    if (!pid || pid === process.pid || identify(pid)) continue;
    const text = take(join(folder, name))?.trim();
    if (text)
      process.stderr.write(`An earlier process (${pid}) ended while it loaded TensorFlow; it had printed:\n${text}\n`);
  }
}

/** Whether stderr can be led elsewhere and back. A socket cannot be opened again by its path: there the parent filters with isChatter. */
function canCapture(): boolean {
  if (process.platform !== 'linux' || fstatSync(STDERR).isSocket()) return false;
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false; // nowhere to write: the greetings are shown
  }
}

/** Run `load` with the greetings filtered out of stderr; all else that was printed appears when it returns or throws. */
export function quietly<T>(load: () => T): T {
  if (!canCapture()) return load();
  tellEarlierDeaths();
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
