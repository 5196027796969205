/** The worker's BullMQ consumer: receives jobs and processes each as an attempt. */
import { setTimeout as pause } from 'node:timers/promises';
import { type JobEnd, type JobResult, jobId, KEPT_JOBS, RUN_QUEUE, RunJob } from '@ablate/contracts';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type JobReport, openJobReport } from './job-report.ts';
import { reconnectDelay } from './run-queue.ts';

/** Time to report finished jobs to Redis on close: BullMQ's close never resolves if its connection breaks. */
const CLOSE_TIMEOUT_MS = 1_000;

export type Consumer = {
  /** Number of jobs in progress. */
  active(): number;
  /** Take no more jobs, and wait for those in progress. */
  close(): Promise<void>;
};

/** How a job fails whose attempt has no result. The reason is in the log and in the database already. */
class NoResult extends UnrecoverableError {
  override stack = '';
}

/**
 * Finished jobs are kept for the dashboard: an attempt has its own job id, so that they block nothing.
 *
 * @param prefix       of the queue's keys in Redis: `queuePrefix`
 * @param leaseSeconds a job whose lock is not renewed for so long is stalled and delivered again
 * @param process      trains an attempt; null if there is nothing to do
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
  process: (job: RunJob, report: JobReport) => Promise<JobEnd | null>;
}): Consumer {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: reconnectDelay });
  redis.on('error', (error) => log.debug({ err: error }, 'redis'));
  const busy = new Set<Promise<unknown>>();
  const work = async (job: Job<unknown>): Promise<JobResult | null> => {
    const parsed = RunJob.safeParse(job.data);
    if (!parsed.success) throw new UnrecoverableError(`job ${job.id} has invalid data: ${parsed.error.message}`);
    const report = openJobReport(job, log);
    const end = await process(parsed.data, report).finally(report.close);
    // Kept is one job for each attempt. The leader adds it if this is another, or if the attempt has ended elsewhere.
    if (end === null || job.id !== jobId(parsed.data))
      job.opts = { ...job.opts, removeOnComplete: true, removeOnFail: true };
    if (end !== null && 'failure' in end) throw new NoResult(end.failure);
    return end?.result ?? null;
  };
  const worker = new Worker<unknown, JobResult | null>(
    RUN_QUEUE,
    (job) => {
      const working = work(job);
      busy.add(working);
      return working.finally(() => busy.delete(working));
    },
    {
      connection: redis,
      prefix,
      concurrency: slots,
      removeOnComplete: KEPT_JOBS,
      removeOnFail: KEPT_JOBS,
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
  worker.on('failed', (job, error) => {
    if (!(error instanceof NoResult)) log.error({ err: error, job: job?.id }, 'job failed');
  });
  worker.on('active', () => {
    reachable = true;
  });

  return {
    active: () => busy.size,
    close: async () => {
      const closed = worker.close();
      await Promise.race([closed, Promise.allSettled(busy).then(() => pause(CLOSE_TIMEOUT_MS))]);
      redis.disconnect();
    },
  };
}
