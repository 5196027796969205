/** The BullMQ side of a worker: jobs in, attempts out. */
import { setTimeout as pause } from 'node:timers/promises';
import { RUN_QUEUE, RunJob } from '@ablate/contracts';
import { UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { reconnectDelay } from './run-queue.ts';

/** How long a worker whose jobs are done tells Redis so. A connection that breaks meanwhile never says that it is closed. */
const LAST_WORDS_MS = 1_000;

export type Consumer = {
  /** Take no more jobs, and wait for those that are being processed. */
  close(): Promise<void>;
};

/** @param leaseSeconds after which a job is delivered again of which no worker is heard: its delivery may have been lost on the way */
export function startConsumer({
  url,
  slots,
  leaseSeconds,
  log,
  process,
}: {
  url: string;
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
      if (!parsed.success) throw new UnrecoverableError(`job ${job.id} is not a run's: ${parsed.error.message}`);
      const work = process(parsed.data);
      busy.add(work);
      await work.finally(() => busy.delete(work));
    },
    {
      connection: redis,
      concurrency: slots,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      // A stalled job is delivered again; the claim tells whether there is anything left to do.
      maxStalledCount: 100,
      lockDuration: leaseSeconds * 1000,
      stalledInterval: (leaseSeconds * 1000) / 2,
      runRetryDelay: 1_000,
    },
  );
  let reachable = true;
  worker.on('error', (error) => {
    // Redis being away is told once; everything else each time.
    const connection = /ECONNREFUSED|ECONNRESET|EPIPE|Connection is closed/.test(String(error));
    if (!connection || reachable) log.warn({ err: error }, 'queue worker');
    reachable = !connection;
  });
  worker.on('failed', (job, error) => log.error({ err: error, job: job?.id }, 'job failed in the worker'));
  worker.on('active', () => {
    reachable = true;
  });

  return {
    close: async () => {
      const closed = worker.close();
      await Promise.race([closed, Promise.allSettled(busy).then(() => pause(LAST_WORDS_MS))]);
      redis.disconnect();
    },
  };
}
