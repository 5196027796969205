/** The queue as the dispatcher uses it. Redis holds nothing that Postgres does not, and may lose everything at any time. */
import { jobId, RUN_QUEUE, type RunJob } from '@ablate/contracts';
import { type Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';

export type RunQueue = {
  /** Number of jobs that wait for a worker. */
  waiting(): Promise<number>;
  /** Add jobs. Jobs that are already waiting or active are unchanged. */
  add(jobs: readonly RunJob[]): Promise<void>;
  /** Remove waiting jobs; active ones are unchanged. */
  remove(ids: readonly string[]): Promise<void>;
  /** Ids of all waiting jobs, including unknown ones. */
  waitingIds(): Promise<string[]>;
  /** The jobs of these that no worker will process: missing in Redis, or already completed or failed there. */
  missing<T extends RunJob>(jobs: readonly T[]): Promise<T[]>;
  close(): Promise<void>;
};

/** Finished jobs are not kept: the attempt's row has the result, and BullMQ ignores a new job with the id of a kept one. */
const KEEP_NO_JOBS = { removeOnComplete: true, removeOnFail: true } as const;

/** @param prefix of its keys in Redis: `queuePrefix` */
export function openRunQueue({ url, prefix }: { url: string; prefix: string }, log: Logger): RunQueue {
  // By default a command waits for twenty attempts to reconnect.
  const redis = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: reconnectDelay });
  redis.on('error', (error) => log.debug({ err: error }, 'redis'));
  const queue = new Queue<RunJob>(RUN_QUEUE, { connection: redis, prefix });
  queue.on('error', (error) => log.debug({ err: error }, 'queue'));

  const find = async (job: RunJob): Promise<Job<RunJob> | undefined> => queue.getJob(jobId(job));

  return {
    waiting: () => queue.getJobCountByTypes('wait', 'prioritized'),
    add: async (jobs) => {
      await queue.addBulk(
        jobs.map((job) => ({ name: 'train', data: job, opts: { jobId: jobId(job), attempts: 1, ...KEEP_NO_JOBS } })),
      );
    },
    remove: async (ids) => {
      await Promise.all(ids.map((id) => queue.remove(id)));
    },
    waitingIds: async () => queue.getRanges(['wait', 'prioritized', 'delayed']),
    missing: async (jobs) => {
      const found = await Promise.all(
        jobs.map(async (job) => {
          const kept = await find(job);
          if (kept === undefined) return true;
          const state = await kept.getState();
          if (state !== 'completed' && state !== 'failed' && state !== 'unknown') return false;
          await kept.remove();
          return true;
        }),
      );
      return jobs.filter((_, i) => found[i]);
    },
    close: async () => {
      await queue.close();
      redis.disconnect();
    },
  };
}

/** Milliseconds before the next attempt to connect. */
export const reconnectDelay = (attempts: number): number => Math.min(100 * attempts, 2_000);
