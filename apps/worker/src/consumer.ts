/** The worker's BullMQ consumer: receives jobs and processes each as an attempt. */
import { setTimeout as pause } from 'node:timers/promises';
import { RUN_QUEUE, RunJob } from '@ablate/contracts';
import { UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { reconnectDelay } from './run-queue.ts';

/** Time to report finished jobs to Redis on close: BullMQ's close never resolves if its connection breaks. */
const CLOSE_TIMEOUT_MS = 1_000;

export type Consumer = {
  /** Take no more jobs, and wait for those in progress. */
  close(): Promise<void>;
};

/**
 * @param prefix of the queue's keys in Redis: `queuePrefix`
 * @param leaseSeconds a job whose lock is not renewed for so long is stalled and delivered again
 */
export function startConsumer({
  url,
  prefix,
  slots,
  leaseSeconds,
  log,
  process,
}: {
  url: string;
  prefix: string;
  slots: number;
  leaseSeconds: number;
  log: Logger;
  process: (job: RunJob) => Promise<void>;
}): Consumer {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: reconnectDelay });
  redis.on('error', (error) => log.debug({ err: error }, 'redis'));
  const busy = new Set<Promise<void>>();
  const worker = new Worker<unknown>(
    RUN_QUEUE,
    async (job) => {
      const parsed = RunJob.safeParse(job.data);
      if (!parsed.success) throw new UnrecoverableError(`job ${job.id} has invalid data: ${parsed.error.message}`);
      const work = process(parsed.data);
      busy.add(work);
      await work.finally(() => busy.delete(work));
    },
    {
      connection: redis,
      prefix,
      concurrency: slots,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      // A stalled job is delivered again; the claim fails if there is nothing left to do.
      maxStalledCount: 100,
      lockDuration: leaseSeconds * 1000,
      stalledInterval: (leaseSeconds * 1000) / 2,
      runRetryDelay: 1_000,
    },
  );
  let reachable = true;
  worker.on('error', (error) => {
    // A lost connection to Redis is logged once; other errors each time.
    const connection = /ECONNREFUSED|ECONNRESET|EPIPE|Connection is closed/.test(String(error));
    if (!connection || reachable) log.warn({ err: error }, 'queue consumer');
    reachable = !connection;
  });
  worker.on('failed', (job, error) => log.error({ err: error, job: job?.id }, 'job failed'));
  worker.on('active', () => {
    reachable = true;
  });

  return {
    close: async () => {
      const closed = worker.close();
      await Promise.race([closed, Promise.allSettled(busy).then(() => pause(CLOSE_TIMEOUT_MS))]);
      redis.disconnect();
    },
  };
}
