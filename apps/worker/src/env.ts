/** The environment variables of a worker. */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { StoreAddress } from '@ablate/checkpoints';
import { parseVariables } from '@ablate/contracts';
import { DEFAULT_RETENTION } from '@ablate/db';
import { z } from 'zod';

const REPOSITORY = resolve(import.meta.dirname, '../../..');

const seconds = z.coerce.number().positive().max(86_400);
const home = z.string().min(1).default(join(REPOSITORY, '.ablate'));

const WorkerVariables = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// address' }),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// address' }),
  ABLATE_HOME: home,
  ABLATE_CHECKPOINTS: StoreAddress.optional(),
  ABLATE_KEEP_BEST: z.coerce.number().int().min(1).max(1000).default(DEFAULT_RETENTION.best),
  ABLATE_KEEP_LAST: z.coerce.number().int().min(1).max(1000).default(DEFAULT_RETENTION.last),
  ABLATE_SLOTS: z.coerce.number().int().min(1).max(64).default(1),
  ABLATE_THREADS: z.coerce.number().int().min(0).max(1024).default(0),
  ABLATE_LEASE_SECONDS: seconds.default(15),
  ABLATE_BEAT_SECONDS: seconds.optional(),
  ABLATE_DISPATCH_SECONDS: seconds.default(0.5),
  ABLATE_RECONCILE_SECONDS: seconds.default(5),
  ABLATE_WINDOW: z.coerce.number().int().min(1).max(10_000).optional(),
  ABLATE_GRACE_SECONDS: seconds.default(8),
  ABLATE_SILENCE_SECONDS: seconds.default(1_800),
  ABLATE_TRAINER_MIB: z.coerce.number().int().min(1).default(3_072),
  ABLATE_MEMORY_MIB: z.coerce.number().int().min(256).optional(),
  ABLATE_PREEMPTION: z.string().min(1).optional(),
  ABLATE_PREEMPTION_SECONDS: seconds.default(5),
  ABLATE_TRAINER: z.string().min(1).optional(),
  NODE_ENV: z.string().optional(),
  ABLATE_LOG: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type WorkerEnv = ReturnType<typeof readWorkerEnv>;

/** The worker's settings. Throws naming each variable that is missing or invalid. */
export function readWorkerEnv(env: NodeJS.ProcessEnv) {
  const read = parseVariables(WorkerVariables, env);
  const store = read.ABLATE_CHECKPOINTS ?? { kind: 'file', folder: resolve(read.ABLATE_HOME, 'checkpoints') };
  const beatSeconds = read.ABLATE_BEAT_SECONDS ?? Math.min(2, read.ABLATE_LEASE_SECONDS / 5);
  if (beatSeconds * 2 > read.ABLATE_LEASE_SECONDS)
    throw new Error(
      'ABLATE_BEAT_SECONDS: must be at most half of ABLATE_LEASE_SECONDS, or one late beat loses the lease',
    );
  if (read.ABLATE_TRAINER !== undefined && read.NODE_ENV !== 'test')
    throw new Error('ABLATE_TRAINER: a custom trainer is for tests and benchmarks only, with NODE_ENV=test; unset it');
  return {
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    store,
    /** Folder for checkpoint files on their way to a store that is not a folder. */
    scratch: resolve(read.ABLATE_HOME, 'scratch'),
    keep: { best: read.ABLATE_KEEP_BEST, last: read.ABLATE_KEEP_LAST },
    slots: read.ABLATE_SLOTS,
    // Concurrent trainers share the cores unless ABLATE_THREADS is set; 0 is all cores.
    threads: read.ABLATE_THREADS || (read.ABLATE_SLOTS > 1 ? Math.ceil(availableParallelism() / read.ABLATE_SLOTS) : 0),
    leaseSeconds: read.ABLATE_LEASE_SECONDS,
    beatSeconds,
    dispatchSeconds: read.ABLATE_DISPATCH_SECONDS,
    reconcileSeconds: read.ABLATE_RECONCILE_SECONDS,
    // Enough that slots do not wait for the dispatcher.
    window: read.ABLATE_WINDOW ?? Math.max(4, 2 * read.ABLATE_SLOTS),
    graceSeconds: read.ABLATE_GRACE_SECONDS,
    silenceSeconds: read.ABLATE_SILENCE_SECONDS,
    /** Module of a custom trainer, or undefined. */
    trainer: read.ABLATE_TRAINER,
    trainerBytes: read.ABLATE_TRAINER_MIB * 2 ** 20,
    /** Resident bytes above which a trainer is killed as out of memory, or undefined. */
    memoryBytes: read.ABLATE_MEMORY_MIB === undefined ? undefined : read.ABLATE_MEMORY_MIB * 2 ** 20,
    /** A file or URL of preemption notices. */
    preemption: read.ABLATE_PREEMPTION,
    preemptionSeconds: read.ABLATE_PREEMPTION_SECONDS,
    logLevel: read.ABLATE_LOG,
  };
}
