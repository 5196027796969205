/** The queue as the dispatcher sees it. Redis holds nothing that Postgres does not: any of it may vanish at any time. */
import { jobId, RUN_QUEUE, type RunJob } from '@ablate/contracts';
import { type Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';

export type RunQueue = {
  /** Jobs that wait for a worker. */
  waiting(): Promise<number>;
  /** Add jobs. One that is waiting or active already stays as it is. */
  add(jobs: readonly RunJob[]): Promise<void>;
  /** Take jobs out that no worker has begun; others stay as they are. */
  remove(ids: readonly string[]): Promise<void>;
  /** Ids of all jobs that wait, whatever they are. */
  waitingIds(): Promise<string[]>;
  /** Of these jobs, those that nobody will ever process: Redis does not know them, or keeps only their end. */
  missing<T extends RunJob>(jobs: readonly T[]): Promise<T[]>;
  close(): Promise<void>;
};

/** Finished jobs are not kept: the attempt's row tells how it ended, and a kept job would swallow a new one of its id. */
export const KEEP_NO_JOBS = { removeOnComplete: true, removeOnFail: true } as const;

export function openRunQueue(url: string, log: Logger): RunQueue {
  // By default a command would wait through twenty tries to reconnect.
  const redis = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: reconnectDelay });
  redis.on('error', (error) => log.debug({ err: error }, 'redis'));
  const queue = new Queue<RunJob>(RUN_QUEUE, { connection: redis });
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

/** Milliseconds before the next try to connect, after so many. */
export const reconnectDelay = (tries: number): number => Math.min(100 * tries, 2_000);
