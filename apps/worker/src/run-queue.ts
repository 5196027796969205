/** The queue as the leader uses it. Redis holds nothing that Postgres does not, and may lose everything at any time. */
import {
  type JobEnd,
  jobId,
  KEPT_JOBS,
  KEPT_LOG_LINES,
  logLine,
  type NamedJob,
  RUN_QUEUE,
  type RunJob,
} from '@ablate/contracts';
import { type Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** A job as the dashboard shows it after its end. */
export type FinishedJob = NamedJob & {
  end: JobEnd;
  log: readonly string[];
  times: { created: Date; started: Date; finished: Date };
};

export type RunQueue = {
  /** Number of jobs that wait for a worker. */
  waiting(): Promise<number>;
  /** Add jobs. Jobs that are already waiting or active are unchanged. */
  add(jobs: readonly NamedJob[]): Promise<void>;
  /** Remove waiting jobs; active ones are unchanged. */
  remove(ids: readonly string[]): Promise<void>;
  /** Ids of all waiting jobs, including unknown ones. */
  waitingIds(): Promise<string[]>;
  /** The jobs of these that no worker will process: missing in Redis, or already completed or failed there. */
  missing<T extends RunJob>(jobs: readonly T[]): Promise<T[]>;
  /** Add finished jobs that the dashboard lacks. Returns the ids of those that a worker still holds. */
  restore(jobs: readonly FinishedJob[]): Promise<string[]>;
  /** The number in the event log up to which finished jobs are restored: 0 if Redis does not know. */
  restoredUpTo(): Promise<number>;
  setRestoredUpTo(number: number): Promise<void>;
  close(): Promise<void>;
};

/** @param prefix of its keys in Redis: `queuePrefix` */
export function openRunQueue({ url, prefix }: { url: string; prefix: string }, log: Logger): RunQueue {
  // By default a command waits for twenty attempts to reconnect.
  const redis = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: reconnectDelay });
  redis.on('error', (error) => log.debug({ err: error }, 'redis'));
  const queue = new Queue<RunJob>(RUN_QUEUE, { connection: redis, prefix });
  queue.on('error', (error) => log.debug({ err: error }, 'queue'));

  const find = async (job: RunJob): Promise<Job<RunJob> | undefined> => queue.getJob(jobId(job));
  const restored = queue.toKey('restored');

  /** BullMQ has no call for this: the keys of a finished job as its own scripts leave them. */
  const write = (id: string, { name, runId, attempt, end, log: lines, times }: FinishedJob) => {
    const [state, outcome] =
      'result' in end
        ? (['completed', { returnvalue: JSON.stringify(end.result) }] as const)
        : (['failed', { failedReason: end.failure, stacktrace: '[]' }] as const);
    const key = queue.toKey(id);
    return redis
      .multi()
      .hset(key, {
        name,
        data: JSON.stringify({ runId, attempt }),
        opts: '{}',
        timestamp: times.created.getTime(),
        processedOn: times.started.getTime(),
        finishedOn: times.finished.getTime(),
        ...{ delay: 0, priority: 0, atm: 1, ats: 1 },
        ...outcome,
      })
      .del(`${key}:logs`)
      .rpush(`${key}:logs`, ...lines.slice(-KEPT_LOG_LINES).map(logLine))
      .zadd(queue.toKey(state), times.finished.getTime(), id)
      .exec();
  };

  const removeOldest = async (state: 'completed' | 'failed'): Promise<void> => {
    const old = await redis.zrange(queue.toKey(state), '0', String(-KEPT_JOBS.count - 1));
    await Promise.all(old.map((id) => queue.remove(id)));
    await queue.clean(KEPT_JOBS.age * 1000, KEPT_JOBS.count, state);
  };

  return {
    waiting: () => queue.getJobCountByTypes('wait', 'prioritized'),
    add: async (jobs) => {
      await queue.addBulk(
        jobs.map(({ name, ...job }) => ({
          name,
          data: job,
          opts: { jobId: jobId(job), attempts: 1, keepLogs: KEPT_LOG_LINES },
        })),
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
    restore: async (jobs) => {
      const held = await Promise.all(
        jobs.map(async (job) => {
          const id = jobId(job);
          const [completed, failed] = await Promise.all(
            ['completed', 'failed'].map((state) => redis.zscore(queue.toKey(state), id)),
          );
          if (completed !== null || failed !== null) return [];
          const exists = (await redis.exists(queue.toKey(id))) === 1;
          if (exists && (await queue.remove(id)) === 0) return [id];
          await write(id, job);
          return [];
        }),
      );
      if (jobs.length > 0) await Promise.all([removeOldest('completed'), removeOldest('failed')]);
      return held.flat();
    },
    restoredUpTo: async () => Number((await redis.get(restored)) ?? 0),
    setRestoredUpTo: async (number) => {
      await redis.set(restored, number);
    },
    close: async () => {
      await queue.close();
      redis.disconnect();
    },
  };
}

/** Milliseconds before the next attempt to connect. */
export const reconnectDelay = (attempts: number): number => Math.min(100 * attempts, 2_000);
