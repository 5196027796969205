/** Warm trainers: loading TensorFlow takes seconds, so a trainer is reused for the next run. Each has a slot, and with it a GPU. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TrainerReady } from '@ablate/contracts';
import type { Logger } from 'pino';
import { residentBytes } from './process-memory.ts';
import { startTrainer, type Trainer } from './trainer-process.ts';

export type TrainerPool = {
  /** Start one idle trainer; returns what it reported. Throws the reason if none can start on this machine. */
  warm(): Promise<TrainerReady>;
  /** An idle trainer, or a new one. */
  borrow(): Promise<Trainer>;
  /** Return a trainer: kept if it is reusable and its memory is below the limit, else killed. */
  giveBack(trainer: Trainer, reusable: boolean): Promise<void>;
  /** Kill all idle trainers. */
  close(): Promise<void>;
};

/** The GPUs that this worker may use, as CUDA_VISIBLE_DEVICES lists them: its own list if set, else all; none without a driver. */
export async function listGpus(env: NodeJS.ProcessEnv): Promise<string[]> {
  const named = env.CUDA_VISIBLE_DEVICES;
  if (named !== undefined) return named.split(',').flatMap((gpu) => gpu.trim() || []);
  const { stdout } = await promisify(execFile)('nvidia-smi', ['--query-gpu=uuid', '--format=csv,noheader'], {
    timeout: 10_000,
  }).catch(() => ({ stdout: '' })); // no driver, no GPU
  return stdout.split('\n').flatMap((line) => line.trim() || []);
}

/** The environment of a slot's trainer: one GPU each, shared in turn if there are more slots than GPUs. Unchanged without GPUs. */
export const slotEnvironment = (env: NodeJS.ProcessEnv, slot: number, gpus: readonly string[]): NodeJS.ProcessEnv =>
  gpus.length === 0 ? env : { ...env, CUDA_VISIBLE_DEVICES: gpus[slot % gpus.length] };

/**
 * @param entry   module of the trainers; by default Ablate's
 * @param idle    most trainers that are kept idle
 * @param gpus    distributed over the slots
 * @param memory  resident bytes above which a trainer is killed, its run `out_of_memory`
 * @param limit   resident bytes above which a trainer is not reused: TensorFlow's allocator returns little to the system
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
  /** Slots of the trainers that are alive. */
  const taken = new Set<number>();
  let closed = false;

  /** Start a trainer in the first free slot; the slot is free again when the process has exited. */
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
      const trainer = await start();
      waiting.push(trainer);
      return trainer.ready;
    },
    async borrow() {
      for (let trainer = waiting.pop(); trainer; trainer = waiting.pop()) if (trainer.alive) return trainer;
      return start();
    },
    async giveBack(trainer, reusable) {
      const resident = trainer.alive ? await residentBytes(trainer.pid) : undefined;
      const keep = reusable && !closed && resident !== undefined && resident <= limit && waiting.length < idle;
      if (keep) waiting.push(trainer);
      else await end(trainer);
      log.debug({ pid: trainer.pid, resident, keep }, 'trainer returned');
    },
    async close() {
      closed = true;
      await Promise.all(waiting.splice(0).map(end));
    },
  };
}
