/** Warm trainers: loading TensorFlow takes seconds, so a trainer that ended a run well serves the next one. */
import type { Logger } from 'pino';
import { slotEnvironment } from './gpus.ts';
import { residentBytes } from './resident-memory.ts';
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

/**
 * @param entry   the trainers' module; Ablate's own unless given
 * @param idle    trainers kept waiting at most
 * @param gpus    shared out among the trainers, one each
 * @param memory  resident bytes at which a trainer is killed, its run out of memory
 * @param limit   resident bytes above which a trainer is not used again: TensorFlow's allocator returns little to the system
 */
export function createTrainerPool({
  env,
  log,
  entry,
  idle,
  limit,
  gpus = [],
  memory,
}: {
  env: NodeJS.ProcessEnv;
  log: Logger;
  entry?: string;
  idle: number;
  limit: number;
  gpus?: readonly string[];
  memory?: number;
}): TrainerPool {
  const waiting: Trainer[] = [];
  /** Slots of the trainers that live. */
  const taken = new Set<number>();
  let closed = false;

  /** In the first slot that is free, until the process is gone. */
  const start = async (): Promise<Trainer> => {
    let slot = 0;
    while (taken.has(slot)) slot++;
    taken.add(slot);
    try {
      const trainer = await startTrainer({ env: slotEnvironment(env, slot, gpus), log, entry, memory });
      void trainer.exited.then(() => taken.delete(slot));
      return trainer;
    } catch (error) {
      taken.delete(slot);
      throw error;
    }
  };

  const end = async (trainer: Trainer): Promise<void> => {
    trainer.kill();
    await trainer.exited;
  };

  return {
    async warm() {
      waiting.push(await start());
    },
    async borrow() {
      for (let trainer = waiting.pop(); trainer; trainer = waiting.pop()) if (trainer.alive) return trainer;
      return start();
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
