/** Plain JavaScript: set-up imports it before any package is installed. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';

/**
 * A process id and when the process started: process ids are reused.
 * @typedef {{ pid: number, started: string }} ProcessIdentity
 */

/** @type {(pid: number) => string | null} */
function startedLinux(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // no such process
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may hold blanks and brackets
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`;
}

/** @type {(pid: number) => string | null} */
function startedElsewhere(pid) {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line.startsWith('Z') ? null : line.split(/\s+/).slice(1).join(' ');
  } catch {
    return null; // ps exits with 1 if there is no such process
  }
}

/**
 * The process with this id; null if there is none, or only a zombie.
 * @type {(pid: number) => ProcessIdentity | null}
 */
export function identify(pid) {
  const started = process.platform === 'linux' ? startedLinux(pid) : startedElsewhere(pid);
  return started === null ? null : { pid, started };
}

/** @type {(identity: ProcessIdentity) => boolean} */
export const isRunning = ({ pid, started }) => identify(pid)?.started === started;

/**
 * Whether the current directory of the process is that folder. Outside Linux: whether its command line names the folder.
 * @type {(pid: number, folder: string) => boolean}
 */
export function worksIn(pid, folder) {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder);
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).includes(` ${folder} `);
  } catch {
    return false; // the process has ended, or belongs to another user
  }
}
