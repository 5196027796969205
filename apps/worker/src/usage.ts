/** What a run uses of its machine while it trains: peak memory of its trainer, and energy of the processors. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { peakResidentBytes } from './process-memory.ts';

/** Counters of energy by RAPL, in microjoules: `intel-rapl:0` is a processor package, also of AMD; `intel-rapl:0:1` is a part of it. */
const POWERCAP = '/sys/class/powercap';
const PACKAGE = /^intel-rapl:\d+$/;

/** A counter wraps around within minutes: it is read more often. */
const READ_MS = 20_000;

/** Null for what the machine does not report. */
export type Usage = { peakMemoryBytes: number | null; energyJoules: number | null };

export type UsageMeter = { read(): Promise<Usage>; close(): void };

const microjoules = async (path: string): Promise<bigint | null> => {
  const text = (await readFile(path, 'utf8').catch(() => '')).trim(); // missing, or readable by root alone
  return /^\d+$/.test(text) ? BigInt(text) : null;
};

/** The joules that all packages have used since the last call; null if one of them cannot be read. */
async function openEnergyCounter(folder: string): Promise<(() => Promise<number | null>) | null> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => PACKAGE.test(name));
  const packages = await Promise.all(
    names.map(async (name) => ({
      path: join(folder, name, 'energy_uj'),
      last: await microjoules(join(folder, name, 'energy_uj')),
      range: await microjoules(join(folder, name, 'max_energy_range_uj')),
    })),
  );
  if (packages.length === 0 || packages.some(({ last }) => last === null)) return null;
  return async () => {
    let used = 0n;
    for (const counter of packages) {
      const now = await microjoules(counter.path);
      if (now === null || counter.last === null) return null;
      const step = now - counter.last;
      used += step < 0n ? step + (counter.range ?? 0n) : step;
      counter.last = now;
    }
    return Number(used) / 1e6;
  };
}

/**
 * Starts to measure the trainer `pid`; the caller closes the meter. The peak of earlier runs of the same process is forgotten. `alone` says
 * whether this is the only run of its worker: energy is that of the whole machine.
 */
export async function startUsageMeter(
  pid: number,
  { alone, folder = POWERCAP }: { alone: boolean; folder?: string },
): Promise<UsageMeter> {
  // 5 resets the peak of resident memory (proc(5)). Without /proc, the peak is null anyway.
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
  const count = alone ? await openEnergyCounter(folder) : null;
  let joules: number | null = count === null ? null : 0;
  let counting = Promise.resolve();
  const add = (): Promise<void> => {
    counting = counting.then(async () => {
      const more = (await count?.()) ?? null;
      joules = joules === null || more === null ? null : joules + more;
    });
    return counting;
  };
  const timer = count === null ? undefined : setInterval(add, READ_MS).unref();
  return {
    read: async () => {
      if (count !== null) await add();
      return { peakMemoryBytes: await peakResidentBytes(pid), energyJoules: joules };
    },
    close: () => clearInterval(timer),
  };
}
