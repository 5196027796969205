/** Peak memory of processes and all that they start. */
import { readdirSync, readFileSync } from 'node:fs';
import { setInterval as every } from 'node:timers/promises';

const SAMPLE_MS = 1_000;
/** Shared pages are counted apart only where memory has grown by this: it takes a tenth of a second a gigabyte. */
const GROWN = 1.02;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended
  }
}

/** The processes below these, without themselves. */
function descendants(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(/\) \S (\d+)/.exec(read(`/proc/${name}/stat`))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  for (const pending = [...roots]; pending.length > 0; ) {
    const below = children.get(pending.pop() ?? 0) ?? [];
    found.push(...below);
    pending.push(...below);
  }
  return found;
}

/** MiB of memory, with shared pages counted once; null where the kernel does not report them. */
function proportionalMiB(processes: readonly number[]): number | null {
  let kib = 0;
  for (const pid of processes) kib += Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  return kib === 0 ? null : Math.round(kib / 1024);
}

/** MiB of memory, with shared pages counted in each process. */
const residentMiB = (processes: readonly number[]): number =>
  processes.reduce((sum, pid) => sum + Number(/^\d+ (\d+)/.exec(read(`/proc/${pid}/statm`))?.[1] ?? 0), 0) / 256;

/** Watches what this process has started, by samples once a second. `stop` returns the highest sum. */
export function watchMemory(): { stop(): number | null } {
  let peak: number | null = null;
  let largest = 0;
  const ended = new AbortController();
  void (async () => {
    for await (const _ of every(SAMPLE_MS, null, { signal: ended.signal })) {
      if (process.platform !== 'linux') return;
      const started = descendants([process.pid]);
      const size = residentMiB(started);
      if (size < largest * GROWN) continue;
      largest = size;
      const now = proportionalMiB(started);
      peak = now === null ? peak : Math.max(peak ?? 0, now);
    }
  })().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error;
  });
  return {
    stop: () => {
      ended.abort();
      return peak;
    },
  };
}
