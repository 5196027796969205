/** Warm trainers: loading TensorFlow takes seconds, so a trainer that ended a run well serves the next one. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { startTrainer, type Trainer } from './trainer-process.ts';

export type TrainerPool = {
  /** Have one trainer wait. Throws when none can be started on this machine, saying why. */
  warm(): Promise<void>;
  /** A warm trainer, or a new one. */
  borrow(): Promise<Trainer>;
  /** Give back a trainer: kept when it ended its run well and is small, else ended. */
  giveBack(trainer: Trainer, endedWell: boolean): Promise<void>;
  /** End every trainer that waits. */
  close(): Promise<void>;
};

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

/**
 * @param entry   the trainers' module; Ablate's own unless given
 * @param idle    trainers kept waiting at most
 * @param limit   resident bytes above which a trainer is not used again: TensorFlow's allocator returns little to the system
 */
export function createTrainerPool({
  env,
  log,
  entry,
  idle,
  limit,
}: {
  env: NodeJS.ProcessEnv;
  log: Logger;
  entry?: string;
  idle: number;
  limit: number;
}): TrainerPool {
  const waiting: Trainer[] = [];
  let closed = false;

  const end = async (trainer: Trainer): Promise<void> => {
    trainer.kill();
    await trainer.exited;
  };

  return {
    async warm() {
      waiting.push(await startTrainer({ env, log, entry }));
    },
    async borrow() {
      for (let trainer = waiting.pop(); trainer; trainer = waiting.pop()) if (trainer.alive) return trainer;
      return startTrainer({ env, log, entry });
    },
    async giveBack(trainer, endedWell) {
      const resident = trainer.alive ? await residentBytes(trainer.pid) : undefined;
      const keep = endedWell && !closed && resident !== undefined && resident <= limit && waiting.length < idle;
      if (keep) waiting.push(trainer);
      else await end(trainer);
      log.debug({ pid: trainer.pid, resident, keep }, 'trainer given back');
    },
    async close() {
      closed = true;
      await Promise.all(waiting.splice(0).map(end));
    },
  };
}
