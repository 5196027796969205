/** The environment of a worker. No other file of it reads variables, except to pass them on to trainers. */
import { join, resolve } from 'node:path';
import { CHECKPOINT_VARIABLES, checkpointSettings } from '@ablate/checkpoints';
import { parseVariables, VARIABLES } from '@ablate/contracts';
import { dataFolders } from '@ablate/data';
import { EngineVariables } from '@ablate/engine/env';
import { DEFAULT_HOME, REPOSITORY } from '@ablate/files';
import { z } from 'zod';

/**
 * Milliseconds after which a closing worker exits unconditionally: leases expire, nothing is lost. `npm start` and
 * docker-compose.yml wait longer.
 */
export const LONGEST_CLOSE_MS = 19_000;

const seconds = z.coerce.number().positive().max(86_400);

export const WorkerVariables = z.object({
  DATABASE_URL: VARIABLES.DATABASE_URL,
  REDIS_URL: VARIABLES.REDIS_URL,
  ABLATE_HOME: VARIABLES.ABLATE_HOME,
  ABLATE_DATA: VARIABLES.ABLATE_DATA,
  ...CHECKPOINT_VARIABLES,
  ABLATE_THREADS: VARIABLES.ABLATE_THREADS,
  ABLATE_LOG: VARIABLES.ABLATE_LOG,
  ABLATE_DEVICE: EngineVariables.shape.ABLATE_DEVICE,
  ABLATE_SLOTS: z
    .union([z.literal('auto'), z.coerce.number().int().min(1).max(64)], {
      error: 'must be auto, or a number from 1 to 64',
    })
    .default('auto')
    .describe(
      'Runs that a worker trains at a time. auto is one for each GPU, else one for each core if memory holds ABLATE_TRAINER_MIB (or ABLATE_MEMORY_MIB) for each: cores go round while the queue is deep, and the last run gets them all. A number divides the cores.',
    ),
  ABLATE_LEASE_SECONDS: seconds
    .default(15)
    .describe('Seconds without a heartbeat after which the run of a worker goes to another.'),
  ABLATE_BEAT_SECONDS: seconds
    .optional()
    .describe('Seconds between heartbeats, at most half of ABLATE_LEASE_SECONDS. Default: a fifth of it, at most 2.'),
  ABLATE_DISPATCH_SECONDS: seconds
    .default(0.5)
    .describe('Seconds between two dispatches of waiting runs to the queue.'),
  ABLATE_RECONCILE_SECONDS: seconds
    .default(5)
    .describe('Seconds between two comparisons of the queue with the database.'),
  ABLATE_WINDOW: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Runs that wait in the queue for a free slot. Default: twice ABLATE_SLOTS, at least 4.'),
  ABLATE_GRACE_SECONDS: seconds.default(8).describe('Seconds that a trainer has to save its run when it must stop.'),
  ABLATE_SILENCE_SECONDS: seconds
    .default(1_800)
    .describe('Seconds without a message after which a trainer counts as hung and is killed.'),
  ABLATE_TRAINER_MIB: z.coerce
    .number()
    .int()
    .min(1)
    .default(3_072)
    .describe('MiB of memory above which an idle trainer is ended instead of reused.'),
  ABLATE_MEMORY_MIB: z.coerce
    .number()
    .int()
    .min(256)
    .optional()
    .describe('MiB of memory at which a trainer is killed as out of memory. Default: no limit.'),
  ABLATE_PREEMPTION: z
    .string()
    .min(1)
    .optional()
    .describe('File or URL that announces the preemption of this machine, such as a spot instance. Default: none.'),
  ABLATE_PREEMPTION_SECONDS: seconds.default(5).describe('Seconds between two looks at ABLATE_PREEMPTION.'),
  ABLATE_TRAINER: z
    .string()
    .min(1)
    .optional()
    .describe('Module that replaces the trainer, for tests and benchmarks: needs NODE_ENV=test.'),
  NODE_ENV: z.string().optional().describe('`test` allows ABLATE_TRAINER.'),
});

/** The worker's settings. Throws, naming each variable that is missing or invalid. */
export function readWorkerEnv(env: NodeJS.ProcessEnv) {
  const read = parseVariables(WorkerVariables, env);
  const home = resolve(read.ABLATE_HOME ?? DEFAULT_HOME);
  const beatSeconds = read.ABLATE_BEAT_SECONDS ?? Math.min(2, read.ABLATE_LEASE_SECONDS / 5);
  if (beatSeconds * 2 > read.ABLATE_LEASE_SECONDS)
    throw new Error(
      'ABLATE_BEAT_SECONDS: must be at most half of ABLATE_LEASE_SECONDS, or one late beat loses the lease',
    );
  if (read.ABLATE_TRAINER !== undefined && read.NODE_ENV !== 'test')
    throw new Error('ABLATE_TRAINER: a custom trainer is for tests and benchmarks, with NODE_ENV=test; unset it');
  return {
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    ...checkpointSettings(read, home),
    /** Where trainers search for data sets. */
    dataFolders: dataFolders({ data: read.ABLATE_DATA, repository: REPOSITORY, home }),
    /** Where trainers write checkpoints for a store that is not a folder. */
    cache: join(home, 'cache'),
    scratch: join(home, 'scratch'),
    slots: read.ABLATE_SLOTS,
    threads: read.ABLATE_THREADS,
    usesGpus: read.ABLATE_DEVICE !== 'cpu',
    leaseSeconds: read.ABLATE_LEASE_SECONDS,
    beatSeconds,
    dispatchSeconds: read.ABLATE_DISPATCH_SECONDS,
    reconcileSeconds: read.ABLATE_RECONCILE_SECONDS,
    window: read.ABLATE_WINDOW,
    graceSeconds: read.ABLATE_GRACE_SECONDS,
    silenceSeconds: read.ABLATE_SILENCE_SECONDS,
    /** A module that replaces the trainer, or undefined. */
    trainer: read.ABLATE_TRAINER,
    trainerBytes: read.ABLATE_TRAINER_MIB * 2 ** 20,
    /** Bytes at which a trainer is killed as out of memory, or undefined. */
    memoryBytes: read.ABLATE_MEMORY_MIB === undefined ? undefined : read.ABLATE_MEMORY_MIB * 2 ** 20,
    /** A file or a URL that announces the preemption of this machine, or undefined. */
    preemption: read.ABLATE_PREEMPTION,
    preemptionSeconds: read.ABLATE_PREEMPTION_SECONDS,
    logLevel: read.ABLATE_LOG,
  };
}
