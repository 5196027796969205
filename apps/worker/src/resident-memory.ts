/** How much memory a process holds. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Resident memory of a process in bytes, or undefined when it is gone. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? '')?.[1] ?? (await residentByPs(pid));
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** Where there is no /proc (macOS). */
async function residentByPs(pid: number): Promise<string | undefined> {
  const run = promisify(execFile);
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.trim() || undefined;
}
