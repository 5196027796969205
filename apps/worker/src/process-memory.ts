/** Memory of a process, from the kernel's counters. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A field of /proc/<pid>/status in bytes; undefined if the process or /proc does not exist. */
async function statusBytes(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** Resident memory in bytes, or undefined if the process is gone. */
export const residentBytes = async (pid: number): Promise<number | undefined> =>
  (await statusBytes(pid, 'VmRSS')) ?? (await residentByPs(pid));

/** Peak resident memory in bytes; null if the kernel does not count it (macOS) or the process is gone. */
export const peakResidentBytes = async (pid: number): Promise<number | null> =>
  (await statusBytes(pid, 'VmHWM')) ?? null;

/** Without /proc (macOS). */
async function residentByPs(pid: number): Promise<number | undefined> {
  const run = promisify(execFile);
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  const kib = stdout.trim();
  return kib === '' ? undefined : Number(kib) * 1024;
}

const OOM_COUNTERS = ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control', '/proc/vmstat'];

/** How many processes the kernel has killed because memory ran out; 0 if it does not count them (macOS). */
export async function countOomKills(): Promise<number> {
  const counts = await Promise.all(
    OOM_COUNTERS.map(async (path) => {
      const text = await readFile(path, 'utf8').catch(() => '');
      return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
    }),
  );
  return Math.max(...counts);
}
